import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Judging } from './changing.ts';
import type { Along, JudgedChange } from './change-set.ts';
import { judgeWith } from './judge-change.ts';

/** Judges the deletion of each of these current versions, for one step: all or none. */
export async function judgeRemovals(
  services: Judging,
  principal: Principal,
  asked: {
    readonly matches: readonly StoredVersion[];
    /** To hold of each of them. */
    readonly preconditions: Preconditions;
    readonly along: Along | undefined;
  },
): Promise<readonly JudgedChange[]> {
  const { matches, preconditions, along } = asked;
  const by = { interaction: 'delete', permission: 'd', method: 'DELETE', preconditions } as const;
  const changes: JudgedChange[] = [];
  for (const current of matches) {
    const { type, id } = current;
    const change = { ...by, type, id };
    changes.push(...(await judgeWith(services, principal, { change, current, along })));
  }
  return changes;
}
