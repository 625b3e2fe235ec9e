import { allows, type Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import { accessRequest } from '../consent/access-request.ts';
import type { Narrowing } from '../consent/narrow.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Foreseeing } from './groups.ts';
import { mayBeSeen } from './may-be-seen.ts';
import { coveredByContext } from './security-context.ts';

type Foreseen = (version: StoredVersion) => boolean;

/**
 * Foretells, by the replica, what the ledger will most likely decide about versions: pages are filled with what will be
 * seen, so that their sizes do not tell what is hidden. It permits nothing.
 *
 * @param permission what the scopes are asked for; undefined: consent and policy alone count
 * @rule forecast of decisions
 */
export function foresee(
  services: Pick<Data, 'base' | 'r4'> & Pick<Narrowing, 'replica' | 'clock'>,
  principal: Principal,
  permission: Permission | undefined,
): Foreseen {
  const { replica, clock } = services;
  const at = new Date(clock()).toISOString();
  const decisions = new Map<string, ReturnType<typeof replica.forecast>>();
  const decide = (type: string, patient: string) => {
    const key = `${type} ${patient}`;
    const known = decisions.get(key);
    if (known !== undefined) return known;
    const question = { action: 'access' as const, className: type };
    const made = replica.forecast(patient, accessRequest(principal, patient, question), at);
    decisions.set(key, made);
    return made;
  };
  return (version) => {
    const { type } = version;
    const bounds = permission === undefined ? ANY : allows(principal, type, permission);
    if (!bounds.allowed) return false;
    const decisionOf = (patient: string) => decide(type, patient);
    return mayBeSeen(services, version, { bounds, decisionOf });
  };
}

/** The same, where Binaries are among these versions: they are seen as far as what stands for them. */
export async function foreseeWithContexts(
  services: Foreseeing,
  principal: Principal,
  of: { readonly permission: Permission; readonly versions: readonly StoredVersion[] },
): Promise<Foreseen> {
  const { permission, versions } = of;
  const isSeen = foresee(services, principal, permission);
  const bounds = allows(principal, 'Binary', permission);
  if (!bounds.allowed) return isSeen;
  const isCovered = await coveredByContext(services, {
    versions,
    principal,
    bounds: () => bounds,
    decide: (patients, question) => services.authority.forecast(principal, patients, question),
  });
  return (version) => isSeen(version) && isCovered(version);
}

const ANY: Bounds = { allowed: true, patientOnly: undefined, queries: [] };
