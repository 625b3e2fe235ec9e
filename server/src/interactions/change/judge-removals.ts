import { decideChanges } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Judging } from './changing.ts';
import type { Along, JudgedChange } from './change-set.ts';
import { judgePosed, poseChange } from './judge-change.ts';

/** Judges the deletion of each of these current versions, for one step: all or none. */
export async function judgeRemovals(
  services: Judging,
  decided: Decided,
  asked: {
    readonly matches: readonly StoredVersion[];
    /** To hold of each of them. */
    readonly preconditions: Preconditions;
    readonly along: Along | undefined;
  },
): Promise<readonly JudgedChange[]> {
  const { matches, preconditions, along } = asked;
  const by = { interaction: 'delete', permission: 'd', method: 'DELETE', preconditions } as const;
  const posed = await Promise.all(
    matches.map((current) => {
      const { type, id } = current;
      return poseChange(services, { ...by, type, id }, { current });
    }),
  );
  await decideChanges(
    services,
    decided,
    posed.map(({ wanted }) => wanted),
  );
  const changes: JudgedChange[] = [];
  for (const each of posed) changes.push(...(await judgePosed(services, decided, each, along)));
  return changes;
}
