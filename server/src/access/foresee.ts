import { allows, type Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import { accessRequest } from '../consent/access-request.ts';
import type { Narrowing } from '../consent/narrow.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Foreseeing } from './groups.ts';
import { mayBeSeen, type Seeing } from './may-be-seen.ts';
import { isSeen, standingOf } from './standing.ts';

/** @param content see `Seeing` */
type Foreseen = (version: StoredVersion, content?: Seeing['content']) => boolean;

type Replica = Pick<Narrowing, 'replica' | 'clock'>;

/**
 * Foretells, by the replica, what the ledger will most likely decide about versions as they stand: pages are filled with
 * what will be seen, so that their sizes do not tell what is hidden. It permits nothing.
 *
 * @param permission what the scopes are asked for; undefined: consent and policy alone count
 * @rule forecast of decisions
 */
export function foresee(
  services: Pick<Data, 'base' | 'r4'> & Replica,
  principal: Principal,
  permission: Permission | undefined,
): Foreseen {
  const decisionOf = forecaster(services, principal);
  return (version, content = version) => {
    const bounds = permission === undefined ? ANY : allows(principal, version.type, permission);
    return bounds.allowed && mayBeSeen(services, version, { bounds, decisionOf, content });
  };
}

/**
 * The same of versions that may be old, and of Binaries: they are seen as far as what is current of them now, and what
 * stands for them. It is to be asked about these versions alone.
 */
export async function foreseeWithContexts(
  services: Foreseeing,
  principal: Principal,
  of: { readonly permission: Permission; readonly versions: readonly StoredVersion[] },
): Promise<Foreseen> {
  const { permission, versions } = of;
  const decisionOf = forecaster(services, principal);
  const standing = await standingOf(services, principal, { versions, current: false });
  return (version, content) => {
    const bounds = allows(principal, version.type, permission);
    if (!bounds.allowed) return false;
    return isSeen(services, standing, { version, bounds, decisionOf, ...(content && { content }) });
  };
}

function forecaster({ replica, clock }: Replica, principal: Principal): Seeing['decisionOf'] {
  const at = new Date(clock()).toISOString();
  const decisions = new Map<string, ReturnType<typeof replica.forecast>>();
  return (patient, className) => {
    const key = `${className} ${patient}`;
    const known = decisions.get(key);
    if (known !== undefined) return known;
    const question = { action: 'access' as const, className };
    const made = replica.forecast(patient, accessRequest(principal, patient, question), at);
    decisions.set(key, made);
    return made;
  };
}

const ANY: Bounds = { allowed: true, patientOnly: undefined, queries: [] };
