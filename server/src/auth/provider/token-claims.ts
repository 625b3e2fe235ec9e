import { errors, type UnknownObject } from 'oidc-provider';
import { DEFAULT_PURPOSE, isPurpose, mayState } from '../purposes.ts';
import type { BackendEntry, PersonEntry } from './directory.ts';

const MAX_PURPOSES = 16;

/** Claims of an access token that say who is calling and why; `principalOf` reads them. */
export function tokenClaims(
  caller: BackendEntry | PersonEntry,
  purposes: readonly string[],
): UnknownObject {
  const person = 'login' in caller ? caller : undefined;
  return {
    fhir_role: caller.role,
    fhir_msp: caller.msp,
    fhir_organization: caller.organization,
    ...withoutUndefined({
      fhirUser: person?.practitioner ?? person?.patient,
      patient: person?.patient?.slice('Patient/'.length),
    }),
    purpose_of_use: purposes,
  };
}

/**
 * Purposes of use asked for by the parameter `purpose_of_use` (codes, space separated), or the caller's own default.
 *
 * @throws InvalidRequest on an unknown one, or one that this caller may not state
 */
export function purposesFor(
  parameter: unknown,
  caller: { readonly purposes?: readonly string[] } | undefined,
): readonly string[] {
  if (parameter === undefined || parameter === '')
    return [caller?.purposes?.[0] ?? DEFAULT_PURPOSE];
  if (typeof parameter !== 'string')
    throw new errors.InvalidRequest('purpose_of_use must be given once');
  const codes = [...new Set(parameter.split(' '))];
  if (codes.length > MAX_PURPOSES) throw new errors.InvalidRequest('purpose_of_use holds too many');
  for (const code of codes) {
    if (!isPurpose(code))
      throw new errors.InvalidRequest('purpose_of_use holds an unknown code of v3-ActReason');
    if (caller !== undefined && !mayState(code, caller)) {
      throw new errors.InvalidRequest(`purpose_of_use ${code} is not open to this caller`);
    }
  }
  return codes;
}

function withoutUndefined(members: UnknownObject): UnknownObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
