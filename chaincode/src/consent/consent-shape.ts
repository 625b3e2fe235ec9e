import { Refusal } from '@chartseal/evidence';
import { list, object, oneOf, text, type Shape } from '@chartseal/evidence/shape';
import { code, instant, ordinal, reference, resourceType, uri } from '../transaction/atoms.ts';
import { readAs } from '../transaction/read-arguments.ts';
import {
  ACTIONS,
  DATA_MEANINGS,
  MAX_PROVISION_LEVELS,
  type Code,
  type CompiledConsent,
  type ConsentSet,
  type Interval,
  type Provision,
} from './consent-set.ts';

const coding: Shape<Code> = object({ code }, { system: uri });
const interval: Shape<Interval> = object({}, { start: instant, end: instant });

function provisionOf(exception: Shape<Provision>): Shape<Provision> {
  return object(
    { exceptions: list(exception, 256) },
    {
      type: oneOf('permit', 'deny'),
      period: interval,
      actors: list(object({ reference }, { role: coding }), 256),
      actions: list(oneOf(...ACTIONS), 16),
      purposes: list(code, 64),
      classes: list(resourceType, 256),
      labels: list(coding, 64),
      codes: list(coding, 1024),
      dataPeriod: interval,
      data: list(object({ meaning: oneOf(...DATA_MEANINGS), reference }), 1024),
    },
  );
}

const tooDeep: Shape<Provision> = (_, path) => {
  throw new Refusal(`${path} must not be nested deeper`);
};
let provision = tooDeep;
for (let level = 0; level < MAX_PROVISION_LEVELS; level += 1) provision = provisionOf(provision);

const consent: Shape<CompiledConsent> = object(
  {
    id: text(/^Consent\/[A-Za-z0-9.-]{1,64}$/, 'Consent/<id>'),
    version: ordinal,
    status: oneOf('draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'),
  },
  { dateTime: instant, policyRule: oneOf('permit', 'deny'), provision },
);

/** Reads what the ledger accepts as one consent. @throws ContractError `invalid-argument` naming the member */
export function checkConsent(value: unknown): CompiledConsent {
  return readAs(consent, value, 'Consent');
}

const sets = object({ consents: list(consent, 1000) });

export const consentSet: Shape<ConsentSet> = (value, path) => {
  const set = sets(value, path);
  set.consents.forEach(({ id }, i) => {
    const previous = set.consents[i - 1];
    if (previous !== undefined && previous.id >= id) {
      throw new Refusal(`${path}.consents must be sorted by id, each once`);
    }
  });
  return set;
};
