import type { AccessRequest, Actor } from './access-request.ts';
import type {
  Code,
  CompiledConsent,
  ConsentSet,
  Interval,
  OverarchingPolicy,
  Provision,
} from './consent-set.ts';
import { ContractError } from './errors.ts';
import { flag, dictionary, integer, list, object, oneOf, text, type Shape } from './shape.ts';
import type {
  AppendArguments,
  DiscloseArguments,
  DisclosureFacts,
  OpenedConsentSet,
  RecordConsentArguments,
} from './transactions.ts';

/** Requests that one `disclosure:disclose` may hold. */
const MAX_REQUESTS = 512;
/** Exceptions to exceptions: a root rule and what is nested in it, at most this many levels in all. */
const MAX_DEPTH = 8;

const SUBJECT = /^[0-9a-f]{32}$/;
const subject = text(SUBJECT, '32 lower-case hex digits');
const hash = text(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const msp = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an MSP id');
const reference = text(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/, 'a relative reference');
const code = text(/^(?=.{1,128}$)[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, 'a code');
const uri = text(/^[\x21-\x7e]{1,512}$/, 'a URI');
const resourceType = text(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type');

const instant: Shape<string> = (value, path) => {
  const checked = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'an instant')(value, path);
  if (!Number.isNaN(Date.parse(checked)) && new Date(checked).toISOString() === checked) {
    return checked;
  }
  throw new ContractError('invalid-argument', `${path} must be an instant`);
};

const coding = object<Code>({ system: uri, code: code }, ['system']);
const interval = object<Interval>({ start: instant, end: instant }, ['start', 'end']);

type Actors = NonNullable<Provision['actors']>[number];
type Data = NonNullable<Provision['data']>[number];

function provisionOf(exception: Shape<Provision>): Shape<Provision> {
  return object<Provision>(
    {
      type: oneOf('permit', 'deny'),
      period: interval,
      actors: list(object<Actors>({ role: coding, reference }, ['role']), { max: 256 }),
      actions: list(oneOf('collect', 'access', 'use', 'disclose', 'correct'), { max: 16 }),
      purposes: list(code, { max: 64 }),
      classes: list(resourceType, { max: 256 }),
      labels: list(coding, { max: 64 }),
      codes: list(coding, { max: 1024 }),
      dataPeriod: interval,
      data: list(
        object<Data>({
          meaning: oneOf('instance', 'related', 'dependents', 'authoredby'),
          reference,
        }),
        { max: 1024 },
      ),
      exceptions: list(exception, { max: 256 }),
    },
    [
      ...(['type', 'period', 'actors', 'actions', 'purposes', 'classes', 'labels'] as const),
      ...(['codes', 'dataPeriod', 'data'] as const),
    ],
  );
}

const tooDeep: Shape<Provision> = (_, path) => {
  throw new ContractError('invalid-argument', `${path} must not be nested deeper`);
};
let provision = tooDeep;
for (let level = 0; level < MAX_DEPTH; level += 1) provision = provisionOf(provision);

const consent = object<CompiledConsent>(
  {
    id: text(/^Consent\/[A-Za-z0-9.-]{1,64}$/, 'Consent/<id>'),
    version: integer(1),
    status: oneOf('draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'),
    dateTime: instant,
    policyRule: oneOf('permit', 'deny'),
    provision,
  },
  ['dateTime', 'policyRule', 'provision'],
);

/** What the ledger accepts as one consent. @throws ContractError `invalid-argument` naming the member */
export function checkConsent(value: unknown): CompiledConsent {
  return consent(value, 'Consent');
}

const consentSet: Shape<ConsentSet> = (value, path) => {
  const set = object<ConsentSet>({ consents: list(consent, { max: 1000 }) })(value, path);
  set.consents.forEach(({ id }, i) => {
    const previous = set.consents[i - 1];
    if (previous !== undefined && previous.id >= id) {
      throw new ContractError(
        'invalid-argument',
        `${path}.consents must be sorted by id, each once`,
      );
    }
  });
  return set;
};

const actor = object<Actor>(
  {
    msp,
    organization: reference,
    role: oneOf(
      'system',
      'practitioner',
      'patient',
      'pharmacist',
      'insurer',
      'lab',
      'researcher',
      'auditor',
      'admin',
    ),
    practitioner: reference,
    patient: reference,
    client: text(/^[\x20-\x7e]{1,256}$/, 'a client id'),
  },
  ['practitioner', 'patient'],
);

const accessRequest = object<AccessRequest>({
  actor,
  self: flag,
  purposes: list(code, { min: 1, max: 16 }),
  action: oneOf('collect', 'access', 'use', 'disclose', 'correct'),
  class: resourceType,
});

export const openedConsentSet = object<OpenedConsentSet>({ salt: hash, set: consentSet });

export const appendArguments = object<AppendArguments>({ prevSize: integer(0) });

export const recordConsentArguments = object<RecordConsentArguments>({
  subject,
  epoch: integer(1),
  commitment: hash,
});

export const overarchingPolicy = object<OverarchingPolicy>({
  version: integer(1),
  implicit: oneOf('basic-normal', 'all-normal', 'break-glass-only', 'deny'),
  organization: text(/^Organization\/[A-Za-z0-9.-]{1,64}$/, 'Organization/<id>'),
});

export const discloseArguments = object<DiscloseArguments>({
  requests: list(object<DiscloseArguments['requests'][number]>({ subject, commitment: hash }), {
    min: 1,
    max: MAX_REQUESTS,
  }),
});

export const disclosureFacts = object<DisclosureFacts>({
  requests: list(
    object<DisclosureFacts['requests'][number]>({ nonce: hash, request: accessRequest }),
    { min: 1, max: MAX_REQUESTS },
  ),
  consents: dictionary(SUBJECT, openedConsentSet, MAX_REQUESTS),
});

export const logOf = object<{ msp: string }>({ msp });
export const headOf = object<{ custodian: string; subject: string }>({ custodian: msp, subject });
export const policyOf = object<{ custodian: string }>({ custodian: msp });
