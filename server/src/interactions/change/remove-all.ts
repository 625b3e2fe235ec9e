import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion, WriteSet } from '../../store/resource-store.ts';
import type { Along } from './commit-version.ts';
import { keyOf } from '../included.ts';
import { unlessReferred } from './integrity.ts';
import { newVersion } from './new-version.ts';
import { mayReplace } from './may-replace.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Services } from '../services.ts';

/** Deletes these current versions in one step: all or none. @throws StoreConflict when one of them is not current any more */
export async function removeAll(
  services: Services,
  principal: Principal,
  asked: {
    readonly matches: readonly StoredVersion[];
    /** To hold of each of them. */
    readonly preconditions: Preconditions;
    readonly along: Along | undefined;
  },
): Promise<void> {
  const writes: WriteSet[] = [];
  for (const current of asked.matches) {
    const { type, id } = current;
    await mayReplace(services, principal, {
      interaction: 'delete',
      type,
      permission: 'd',
      owners: [],
      current,
      preconditions: asked.preconditions,
    });
    const made = await newVersion(services, principal, {
      type,
      id,
      method: 'DELETE',
      owners: [],
      current,
    });
    writes.push(made.write);
    if (asked.along === undefined) continue;
    writes.push((await asked.along({ version: made.version, previous: current })).write);
  }
  if (writes.length === 0) return;
  const leaves = writes.flatMap((write) => write.leaves ?? []);
  const versions = writes.flatMap((write) => write.versions ?? []);
  const gone = new Set(asked.matches.map(keyOf));
  await unlessReferred(services, { gone, changed: new Set() }, (records) =>
    services.store.write({ versions, leaves, records }),
  );
  await services.written(versions);
  services.sequencer.wake(leaves.map(({ id }) => id));
}
