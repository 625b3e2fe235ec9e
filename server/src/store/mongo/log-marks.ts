import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import { emptyLog, extendLog, nothingFollows } from '../milestones.ts';
import type { Extension, LogEnd } from '../milestones.ts';
import type { Collections, LogEndDocument, MilestoneDocument } from './collections.ts';
import { isDuplicate } from './transaction.ts';

export function storedEnd({ milestone, floor, reach }: LogEnd): LogEndDocument {
  return { landmark: milestone, floor, reach };
}

export function endOf({ landmark, floor, reach }: LogEndDocument): LogEnd {
  return { milestone: landmark, floor, reach };
}

/** Keeps the milestones of the log, in the transaction that makes it grow. */
export async function putMilestones(
  { milestones }: Pick<Collections, 'milestones'>,
  session: ClientSession,
  { added, lowered }: Extension,
): Promise<void> {
  if (lowered !== undefined) {
    const higher = { floor: { $gt: lowered } };
    await milestones.updateMany(higher, { $set: { floor: lowered } }, { session });
  }
  if (added.length === 0) return;
  const documents = added.map(({ place, reach, floor }) => ({ _id: place, reach, floor }));
  await milestones.insertMany(documents, { session });
}

/** All versions up to `after` are older than `since`, and all from `before` on are not older than `to`; maybe more are. */
export async function placesOf(
  { milestones }: Pick<Collections, 'milestones'>,
  session: ClientSession,
  { since, to }: { readonly since?: number | undefined; readonly to?: number | undefined },
): Promise<{ readonly after: number; readonly before: number }> {
  const older =
    since === undefined
      ? null
      : await milestones.findOne(
          { reach: { $lt: since } },
          { session, sort: { reach: -1, _id: -1 } },
        );
  const younger =
    to === undefined
      ? null
      : await milestones.findOne({ floor: { $gte: to } }, { session, sort: { floor: 1, _id: 1 } });
  return { after: older?._id ?? 0, before: younger ? younger._id + 1 : nothingFollows };
}

const perBatch = 10_000;

/**
 * Brings a database of schema 3 up to date: its log had no milestones. Servers that do this at once write the same, and begin
 * again when one of the earlier version writes meanwhile.
 */
export async function migrateLog({
  resources,
  versions,
  milestones,
  meta,
}: Collections): Promise<void> {
  for (;;) {
    const found = await meta.findOne({ _id: 'store' });
    if (found?.schema !== 3) return;
    const all = resources.aggregate<{ seq: number; lastUpdated: number }>(
      [
        { $project: { seq: 1, lastUpdated: 1 } },
        {
          $unionWith: {
            coll: versions.collectionName,
            pipeline: [{ $project: { seq: 1, lastUpdated: 1 } }],
          },
        },
        { $sort: { seq: 1 } },
      ],
      { allowDiskUse: true },
    );
    let end: LogEnd = emptyLog;
    let batch: { place: number; lastUpdated: number }[] = [];
    const flush = async (): Promise<void> => {
      const { end: next, added, lowered } = extendLog(end, batch);
      if (lowered !== undefined) {
        // Another server may be ahead.
        const higher = { _id: { $lte: end.milestone }, floor: { $gt: lowered } };
        await milestones.updateMany(higher, { $set: { floor: lowered } });
      }
      await keep(milestones, added);
      end = next;
      batch = [];
    };
    for await (const { seq, lastUpdated } of all) {
      batch.push({ place: seq, lastUpdated });
      if (batch.length === perBatch) await flush();
    }
    await flush();
    const unchanged = { _id: 'store', schema: 3, seq: found.seq };
    await meta.updateOne(unchanged, { $set: { schema: 4, log: storedEnd(end) } });
  }
}

/** Lets what another server has lowered stay low. */
async function keep(
  milestones: Collections['milestones'],
  added: Extension['added'],
): Promise<void> {
  if (added.length === 0) return;
  const operations = added.map(
    ({ place, reach, floor }): AnyBulkWriteOperation<MilestoneDocument> => {
      const update = { $setOnInsert: { reach }, $min: { floor } };
      return { updateOne: { filter: { _id: place }, update, upsert: true } };
    },
  );
  const write = () => milestones.bulkWrite(operations, { ordered: false });
  await write().catch(async (error: unknown) => {
    // It made one of them at the same time.
    if (!isDuplicate(error)) throw error;
    await write();
  });
}
