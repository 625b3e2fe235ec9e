import type { ClientSession } from 'mongodb';
import type { PendingSet } from '../group-commit.ts';
import { StoreConflict } from '../errors.ts';
import type { ChainHead } from '../leaf-queue.ts';
import type { WriteSet } from '../store.ts';
import { readHeads, type ChainHeads } from './chain-heads.ts';
import type { Collections, RecordDocument } from './collections.ts';
import type { Connection } from './connect.ts';
import { resourceKey } from './documents.ts';
import { GroupPlan } from './group-plan.ts';
import type { RecordChange, Stored } from './group-plan.ts';
import { leafDocument } from './leaf-documents.ts';
import { endOf, putMilestones, storedEnd } from './log-marks.ts';
import { inTransaction, Overtaken } from './transaction.ts';

type Settlement = readonly { readonly pending: PendingSet; readonly conflict?: StoreConflict }[];

/** Writes the sets of a group in one transaction; a set in conflict is left out. Nothing is written when this rejects. */
export async function writeGroup(
  { client, collections }: Pick<Connection, 'client' | 'collections'>,
  known: ChainHeads,
  group: readonly PendingSet[],
): Promise<Settlement> {
  const subjects = unique(
    group.flatMap(({ set }) => (set.accesses ?? []).map(({ subject }) => subject)),
  );
  let guessed: Map<string, ChainHead> | undefined = await known.guess(collections, subjects);
  let heads = guessed;
  try {
    const settlement = await inTransaction(client, async (session) => {
      heads = guessed ?? (await readHeads(collections, subjects, session));
      // Whatever gets in the way may have made a chain longer: then the transaction itself has to look.
      guessed = undefined;
      const plan = new GroupPlan(await readStored(collections, session, { group, heads }));
      const settled = group.map((pending) => {
        const conflict = plan.add(pending.set);
        return conflict ? { pending, conflict } : { pending };
      });
      await carryOut(plan, collections, session);
      return settled;
    });
    known.remember(heads);
    return settlement;
  } catch (error) {
    known.forget(subjects);
    throw error;
  }
}

/** Reads what the sets of a group look at, as the transaction sees it. */
async function readStored(
  { resources, leaves, records, meta }: Collections,
  session: ClientSession,
  { group, heads }: { readonly group: readonly PendingSet[]; readonly heads: Stored['heads'] },
): Promise<Stored> {
  const sets: readonly WriteSet[] = group.map(({ set }) => set);
  const keys = unique(
    sets.flatMap(({ versions = [] }) => versions.map(({ type, id }) => resourceKey(type, id))),
  );
  const leafIds = unique(
    sets.flatMap(({ leaves: some = [], accesses = [] }) =>
      [...some, ...accesses].map(({ id }) => id),
    ),
  );
  const names = sets.flatMap((set) =>
    (set.records ?? []).map(({ collection, key }) => ({ collection, key })),
  );
  const counters = await meta.findOne(
    { _id: 'store' },
    { session, projection: { seq: 1, log: 1 } },
  );
  if (!counters) throw new Error('The store has lost its counters');
  const stored: Stored = {
    resources: new Map(),
    seq: counters.seq,
    log: endOf(counters.log),
    leaves: new Set(),
    heads,
    records: [],
  };
  if (keys.length > 0) {
    const found = resources.find({ _id: { $in: keys } }, { session });
    for await (const current of found) stored.resources.set(current._id, current);
  }
  if (leafIds.length > 0) {
    const found = leaves.find({ _id: { $in: leafIds } }, { session, projection: { _id: 1 } });
    for await (const { _id } of found) stored.leaves.add(_id);
  }
  if (names.length > 0) {
    const filter = {
      $or: unique(names.map(({ collection }) => collection)).map((collection) => ({
        collection: { $eq: collection },
        key: { $in: names.filter((name) => name.collection === collection).map(({ key }) => key) },
      })),
    };
    stored.records.push(...(await records.find(filter, { session }).toArray()));
  }
  return stored;
}

async function carryOut(
  plan: GroupPlan,
  collections: Collections,
  session: ClientSession,
): Promise<void> {
  const { resources, versions, leaves, records, meta } = collections;
  const options = { session, ordered: true };
  const created = plan.created();
  const replaced = plan.replaced();
  const changes = plan.changes();
  let revision = 0;
  if (plan.leaves.length + created.length + replaced.length + changes.length > 0) {
    // Taking the numbers first makes transactions of other servers wait or begin again here.
    const extension = plan.extension();
    const before = await meta.findOneAndUpdate(
      { _id: 'store' },
      {
        $inc: { leaves: plan.leaves.length, revision: changes.length > 0 ? 1 : 0 },
        $set: { seq: plan.seq, log: storedEnd(extension.end) },
      },
      { session, projection: { leaves: 1, revision: 1 } },
    );
    if (!before) throw new Error('The store has lost its counters');
    revision = (before.revision ?? 0) + 1;
    await putMilestones(collections, session, extension);
    const documents = plan.leaves.map((leaf, i) => leafDocument(leaf, before.leaves + 1 + i));
    if (documents.length > 0) await leaves.insertMany(documents, options);
  }
  if (plan.superseded.length > 0) await versions.insertMany([...plan.superseded], options);
  if (created.length > 0) await resources.insertMany([...created], options);
  if (replaced.length > 0) {
    const result = await resources.bulkWrite(
      replaced.map(({ was, document }) => ({
        replaceOne: { filter: { _id: { $eq: document._id }, version: was }, replacement: document },
      })),
      options,
    );
    if (result.matchedCount !== replaced.length) throw new Overtaken();
  }
  if (changes.length === 0) return;
  await records.bulkWrite(
    changes.map((change) => recordOperation(change, revision)),
    options,
  );
}

function recordOperation({ collection, key, value }: RecordChange, revision: number) {
  const filter = { collection: { $eq: collection }, key: { $eq: key } };
  if (value === undefined) return { deleteOne: { filter } };
  const replacement: RecordDocument = { collection, key, value, revision };
  return { replaceOne: { filter, replacement, upsert: true } };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
