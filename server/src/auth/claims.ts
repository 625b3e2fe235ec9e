import { ROLES } from '@chartseal/chaincode';
import type { JWTPayload } from 'jose';
import type { Principal } from './principal.ts';
import { DEFAULT_PURPOSE, isPurpose } from './purposes.ts';
import { parseScopes } from './scopes.ts';

const ID = '[A-Za-z0-9.-]{1,64}';
const PATIENT = new RegExp(`^(?:Patient/)?(${ID})$`);
const USER = new RegExp(`^(Patient|Practitioner)/${ID}$`);
const ORGANIZATION = new RegExp(`^Organization/${ID}$`);

/**
 * The caller as the claims of a verified access token name them: `client_id`, `sub`, `scope`, `fhir_role`,
 * `fhir_msp`, `fhir_organization`, `fhirUser` (relative, or below `base`), `patient`, `purpose_of_use`.
 *
 * @throws TypeError when a claim is missing or has a wrong form; nothing is guessed
 */
export function principalOf(claims: JWTPayload, base: string): Principal {
  const role = ROLES.find((each) => each === claims['fhir_role']);
  if (role === undefined) throw new TypeError('fhir_role');
  const patient = optional(claims, 'patient', PATIENT)?.replace(PATIENT, 'Patient/$1');
  const user = userOf(claims, base);
  const self = user?.startsWith('Patient/') === true ? user : undefined;
  if (self !== undefined && patient !== undefined && self !== patient)
    throw new TypeError('patient');
  const compartment = patient ?? self;
  // Without a patient such a token would be bound to no compartment.
  if (role === 'patient' && compartment === undefined) throw new TypeError('patient');
  if (typeof claims.exp !== 'number') throw new TypeError('exp');
  return {
    client: text(claims, 'client_id'),
    subject: text(claims, 'sub'),
    role,
    msp: text(claims, 'fhir_msp'),
    organization: text(claims, 'fhir_organization', ORGANIZATION),
    ...(user === undefined || user === self ? {} : { practitioner: user }),
    ...(compartment === undefined ? {} : { patient: compartment }),
    scopes: parseScopes(text(claims, 'scope')),
    purposes: purposesOf(claims['purpose_of_use']),
    expires: claims.exp,
  };
}

function userOf(claims: JWTPayload, base: string): string | undefined {
  const user = claims['fhirUser'];
  if (typeof user !== 'string' || !user.startsWith(`${base}/`))
    return optional(claims, 'fhirUser', USER);
  return text({ fhirUser: user.slice(base.length + 1) }, 'fhirUser', USER);
}

function purposesOf(claim: unknown): readonly string[] {
  if (claim === undefined) return [DEFAULT_PURPOSE];
  const codes: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const known = codes.filter((code) => typeof code === 'string' && isPurpose(code)) as string[];
  if (known.length === 0 || known.length < codes.length) throw new TypeError('purpose_of_use');
  return known;
}

function optional(claims: JWTPayload, name: string, form: RegExp): string | undefined {
  return claims[name] === undefined ? undefined : text(claims, name, form);
}

function text(claims: JWTPayload, name: string, form = /^[\x20-\x7e]{1,4096}$/): string {
  const value = claims[name];
  if (typeof value !== 'string' || !form.test(value)) throw new TypeError(name);
  return value;
}
