import { ContractError, type CompiledConsent } from '@chartseal/chaincode';
import { checkConsent } from '@chartseal/chaincode/consent';
import type { CodeableConcept, Consent } from 'fhir/r4.js';
import { FhirError } from '../fhir/errors.ts';
import { timeRange } from '../fhir/instant.ts';
import { parseReference } from '../fhir/reference.ts';
import { compileProvision, unenforceable } from './from-provision.ts';

const SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const BASE_RULES: ReadonlyMap<string, 'permit' | 'deny'> = new Map([
  ['OPTIN', 'permit'],
  ['OPTINR', 'permit'],
  ['OPTOUT', 'deny'],
  ['OPTOUTE', 'deny'],
]);

export interface CompileOptions {
  /** Id of the resource. */
  readonly id: string;
  /** Version it is going to have. */
  readonly version: number;
  /** Our own base URL: absolute references below it are ours. */
  readonly base?: string;
  /** Tells whether R4 has a resource type of this name. */
  readonly isResourceType: (name: string) => boolean;
}

/**
 * Id of the patient whose consent this is; undefined when that one is not here, and nothing hangs on it.
 *
 * @throws FhirError `unprocessable` when the Consent governs data and `patient` refers to no Patient of this server
 */
export function consentPatient(consent: Consent, base?: string): string | undefined {
  const reference = consent.patient?.reference;
  const parsed = reference === undefined ? undefined : parseReference(reference, base);
  if (parsed?.kind === 'local' && parsed.type === 'Patient') return parsed.id;
  if (!governs(consent)) return undefined;
  throw unenforceable('Consent.patient', 'must refer to a Patient of this server');
}

/**
 * Reduces a Consent (valid by base R4) to what the authority evaluates. Undefined when it does not govern the use of
 * data (advance directives, consent to treatment). A Consent that is not active keeps its status only.
 *
 * It refuses what cannot be enforced exactly when the Consent is active, so that nothing on paper is missing in force.
 * Two contents of R4 that name no possible request are accepted where they can only narrow, in a permit without
 * exceptions: classes that are no resource types, and actors in other roles than that of a user of data.
 *
 * @throws FhirError `unprocessable`, naming the element
 * @rule Consent
 */
export function compileConsent(
  consent: Consent,
  options: CompileOptions,
): CompiledConsent | undefined {
  const { id, version } = options;
  const head = { id: `Consent/${id}`, version, status: consent.status };
  if (consent.status !== 'active') return head;
  const scope = scopeOf(consent);
  if (scope === undefined) return undefined;
  refuseModifiers(consent);

  const policyRule = consent.provision?.type === undefined ? baseRule(consent) : undefined;
  const dateTime = dateTimeOf(consent);
  const compiled: CompiledConsent = {
    ...head,
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(policyRule === undefined ? {} : { policyRule }),
    ...(consent.provision === undefined && scope === 'patient-privacy'
      ? {}
      : {
          provision: compileProvision(consent.provision ?? {}, {
            ...options,
            scope,
            effect: consent.provision?.type ?? policyRule ?? 'deny',
          }),
        }),
  };
  return withinLimits(compiled);
}

/** Tells whether decisions may rest on a Consent, whatever is wrong with it. */
export function mayGovern(consent: Consent): boolean {
  const codes = codesOf(consent.scope, SCOPE);
  const governing = codes.includes('patient-privacy') || codes.includes('research');
  const other = codes.includes('adr') || codes.includes('treatment');
  return consent.status === 'active' && (governing || !other);
}

/** Tells whether decisions rest on it. What cannot be told of an active one counts as if they did. @throws FhirError */
function governs(consent: Consent): boolean {
  return consent.status === 'active' && scopeOf(consent) !== undefined;
}

/** `research` consents govern research only; other scopes are no matter of data. */
function scopeOf(consent: Consent): 'patient-privacy' | 'research' | undefined {
  const codes = codesOf(consent.scope, SCOPE);
  if (codes.includes('patient-privacy')) return 'patient-privacy';
  if (codes.includes('research')) return 'research';
  if (codes.includes('adr') || codes.includes('treatment')) return undefined;
  throw unenforceable('Consent.scope', `needs a code of ${SCOPE}`);
}

function refuseModifiers(consent: Consent): void {
  if (consent.modifierExtension !== undefined) {
    throw unenforceable('Consent.modifierExtension', 'is not understood here');
  }
  if (consent.implicitRules !== undefined) {
    throw unenforceable('Consent.implicitRules', 'are not understood here');
  }
  consent.verification?.forEach((verification, i) => {
    if (verification.modifierExtension !== undefined) {
      throw unenforceable(`Consent.verification[${i}].modifierExtension`, 'is not understood here');
    }
    if (!verification.verified) {
      throw unenforceable(
        `Consent.verification[${i}].verified`,
        'must be true: a Consent that was not verified cannot be active',
      );
    }
  });
}

function baseRule({ policyRule }: Consent): 'permit' | 'deny' | undefined {
  if (policyRule === undefined) return undefined;
  const rules = new Set(codesOf(policyRule, ACT_CODE).map((code) => BASE_RULES.get(code)));
  const [rule] = rules;
  if (rules.size === 1 && rule !== undefined) return rule;
  throw unenforceable(
    'Consent.policyRule',
    'must be OPTIN or OPTOUT where Consent.provision.type is not given',
  );
}

function dateTimeOf({ dateTime }: Consent): string | undefined {
  if (dateTime === undefined) return undefined;
  const range = timeRange(dateTime);
  if (range === undefined) throw unenforceable('Consent.dateTime', 'is no date');
  return new Date(range.from).toISOString();
}

function codesOf(concept: CodeableConcept | undefined, system: string): readonly string[] {
  return (concept?.coding ?? []).flatMap((coding) =>
    coding.system === system && coding.code !== undefined ? [coding.code] : [],
  );
}

function withinLimits(compiled: CompiledConsent): CompiledConsent {
  try {
    return checkConsent(compiled);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    throw new FhirError(
      'unprocessable',
      `The ledger does not take this Consent: ${error.message}`,
      {
        expression: 'Consent.provision',
        cause: error,
      },
    );
  }
}
