import type { Document, MongoClient } from 'mongodb';

/** A transaction of ours never pauses that long between two operations. */
const IDLE_MICROS = 1_000_000;
/** Tells our connections from others of the same MongoDB. */
export const APP_NAME = 'chartseal';

/**
 * A server that is killed in the middle of a transaction leaves it open, and what it has written locked, until MongoDB gives up on
 * it after a minute. This ends such transactions. Ending one that is merely slow is harmless: its server runs it again.
 */
export async function endAbandoned(client: MongoClient): Promise<void> {
  const admin = client.db('admin');
  const idle = await admin
    .aggregate(
      [
        { $currentOp: { idleSessions: true } },
        {
          $match: {
            type: 'idleSession',
            appName: APP_NAME,
            'transaction.timeInactiveMicros': { $gte: IDLE_MICROS },
          },
        },
        { $project: { id: '$lsid.id' } },
      ],
      // A session's id must stay a UUID to be sent back.
      { readConcern: { level: 'local' }, promoteBuffers: false },
    )
    .toArray();
  if (idle.length === 0) return;
  await admin.command({ killSessions: idle.map(({ id }: Document) => ({ id: id as unknown })) });
}
