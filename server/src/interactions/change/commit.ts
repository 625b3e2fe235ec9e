import type { Principal } from '../../auth/principal.ts';
import { Decided } from '../../access/decided.ts';
import { StoreConflict } from '../../store/errors.ts';
import { tryAgain } from './try-again.ts';
import type { Changing } from './changing.ts';
import {
  changedBy,
  leftBy,
  wholeWrite,
  type Along,
  type Change,
  type Changed,
  type ChangeSet,
} from './change-set.ts';
import { unlessReferred } from './departures.ts';
import { referencesHold } from './integrity.ts';
import { judgeAlone } from './judge-change.ts';
import { sameWay, type Way } from './ledger-first.ts';
import { conditionsOf, type Keeps } from './keeps.ts';

/** A wish to change what is stored. */
export interface Wish<T extends ChangeSet> {
  /** Judges all of it on what is there now; it is asked again whenever that has changed. */
  readonly prepare: (decided: Decided) => Promise<T>;
  /** Does what is to be done once all is judged, before anybody's turn is taken and anything is written. */
  readonly before?: (set: T) => Promise<void>;
}

interface Judged<T extends ChangeSet> {
  readonly set: T;
  readonly way: Way | undefined;
  /** They keep what the set refers to from being deleted meanwhile. */
  readonly guards: Keeps;
}

/**
 * The one way in. Makes a set of changes durable with its index and leaves, or changes nothing. Another writer may win
 * between reading and writing: then the whole set is judged again on what it left. What goes to the ledger first is in
 * force there when this resolves, and what the ledger decided about the set is on record.
 *
 * @returns the set as it was written
 */
export function commit<T extends ChangeSet>(
  services: Changing,
  principal: Principal,
  wish: Wish<T>,
): Promise<T> {
  const decided = new Decided(services, principal);
  return decided.recorded(() => tryAgain(() => once(services, decided, wish)));
}

/** A change of one resource, with what it brings along; undefined when there is nothing to do. */
export async function commitOne(
  services: Changing,
  principal: Principal,
  { along, ...change }: Change & { readonly along: Along | undefined },
): Promise<Changed | undefined> {
  const { changes } = await commit(services, principal, {
    prepare: async (decided) => ({ changes: await judgeAlone(services, decided, change, along) }),
  });
  return changedBy(changes[0]);
}

/** The same where there always is something to do. */
export async function commitVersion(
  services: Changing,
  principal: Principal,
  change: Change & { readonly along: Along | undefined },
): Promise<Changed> {
  const changed = await commitOne(services, principal, change);
  if (changed === undefined) throw new Error(`a ${change.interaction} always changes something`);
  return changed;
}

async function once<T extends ChangeSet>(
  services: Changing,
  decided: Decided,
  { prepare, before }: Wish<T>,
): Promise<T> {
  const { ledgerFirst, r4 } = services;
  const revision = r4.registry.revision();
  const judge = async (): Promise<Judged<T>> => {
    decided.again();
    const set = await prepare(decided);
    const guards = conditionsOf(await referencesHold(services, decided.principal, set));
    return { set, guards, way: ledgerFirst.wayOf(set, decided.principal) };
  };
  const first = await judge();
  await before?.(first.set);
  if (isEmpty(first.set)) return first.set;
  const set = await ledgerFirst.take(first.way, async (places) => {
    // Others may have written before the turn came.
    const judged = places === undefined ? first : await judge();
    if (!sameWay(judged.way, first.way)) throw new StoreConflict('It has to go another way');
    if (r4.registry.revision() !== revision) {
      throw new StoreConflict('Search parameters have changed');
    }
    await write(services, judged, { decided, places: places === undefined ? [] : [places] });
    return judged.set;
  });
  await services.written(wholeWrite(set).versions);
  return set;
}

/** Ledger first or store, unless others refer to what goes. */
async function write(
  services: Changing,
  { set, way, guards }: Judged<ChangeSet>,
  { decided, places }: { readonly decided: Decided; readonly places: readonly Keeps[] },
): Promise<void> {
  const { versions, leaves, records } = wholeWrite(set);
  const keeps = [conditionsOf(records), guards, ...places];
  // A set that goes to the ledger first is put on record when the ledger has it.
  const accesses = way?.turn === undefined ? await decided.entries() : [];
  await unlessReferred(services, leftBy(set), (departures) =>
    services.ledgerFirst.write(way, set, {
      versions,
      leaves,
      accesses,
      keeps: [...keeps, departures],
    }),
  );
  if (accesses.length > 0) decided.entriesWritten();
  services.sequencer.wake([...leaves, ...accesses].map(({ id }) => id));
}

function isEmpty({ changes }: ChangeSet): boolean {
  return changes.every(({ made }) => made === undefined);
}
