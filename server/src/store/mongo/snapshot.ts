import { MongoServerError } from 'mongodb';
import type { ClientSession, MongoClient, Timestamp } from 'mongodb';
import type { Collections } from './collections.ts';

/**
 * Makes up for what the newest snapshot lags behind the making of an index, which a server that has just started may
 * have done.
 */
const attempts = 20;
const pauseMs = 50;
const snapshotUnavailable = 246;

/**
 * Runs reads of collections with read concern `snapshot` as of one moment, which includes every write acknowledged before.
 * @param own collections with read concern `majority`
 */
export async function inSnapshot<T>(
  client: MongoClient,
  own: Collections,
  act: (session: ClientSession) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const session = client.startSession({ snapshot: true });
    try {
      // Left to itself MongoDB takes a snapshot that may lack what was acknowledged a moment ago.
      Object.assign(session, { snapshotTime: await present(client, own) });
      return await act(session);
    } catch (error) {
      const early = error instanceof MongoServerError && error.code === snapshotUnavailable;
      if (!early || attempt === attempts) throw error;
    } finally {
      await session.endSession();
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** When a majority had everything that is acknowledged by now. */
async function present(client: MongoClient, { meta }: Collections): Promise<Timestamp | undefined> {
  const session = client.startSession();
  try {
    await meta.findOne({ _id: 'store' }, { session, projection: { _id: 1 } });
    return session.operationTime;
  } finally {
    await session.endSession();
  }
}
