import { allows, type Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import { accessRequest } from '../consent/access-request.ts';
import { permitsResource } from '../consent/residual.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Services } from '../interactions/services.ts';
import { withinScopes } from './within-scopes.ts';

/**
 * What the ledger will most likely decide about versions, by the replica: pages are filled with what will be seen, so
 * that their sizes do not tell what is hidden. It permits nothing.
 *
 * @param permission what the scopes are asked for; undefined: consent and policy alone count
 */
export function foresee(
  services: Pick<Services, 'replica' | 'clock' | 'base' | 'r4'>,
  principal: Principal,
  permission: Permission | undefined,
): (version: StoredVersion) => boolean {
  const { replica, clock, base } = services;
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
  const mine = ({ patientOnly }: Bounds, patient: string): boolean =>
    patientOnly === undefined || patientOnly === patient;
  return (version) => {
    const bounds = permission === undefined ? ANY : allows(principal, version.type, permission);
    if (!bounds.allowed) return false;
    return (
      version.patients.every((patient) => {
        const { outcome, residual } = decide(version.type, patient);
        return (
          mine(bounds, patient) && outcome === 'permit' && permitsResource(residual, version, base)
        );
      }) && withinScopes(services, bounds, version)
    );
  };
}

const ANY: Bounds = { allowed: true, patientOnly: undefined, queries: [] };
