import { MongoError, MongoServerError, WriteConcern } from 'mongodb';
import type { ClientSession, MongoClient } from 'mongodb';
import { endAbandoned } from './abandoned.ts';

/** Says how long to go on trying to get past other transactions, and after how many tries to look for an abandoned one. */
const budgetMs = 6_000;
const patience = 8;
const longestPauseMs = 100;
const commitAttempts = 5;

/** The transaction saw a state that another one changed meanwhile: begin again from reading. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/**
 * Runs `act` in a transaction that is durable on a majority when this resolves, again when another transaction got in its way.
 * A commit whose outcome is unknown is only ever committed again, never run again.
 */
export async function inTransaction<T>(
  client: MongoClient,
  act: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const spent = AbortSignal.timeout(budgetMs);
  for (let attempt = 1; ; attempt += 1) {
    const session = client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: new WriteConcern('majority', undefined, true),
        readPreference: 'primary',
      });
      const result = await act(session);
      await commit(session);
      return result;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      if (!mayRunAgain(error) || spent.aborted) throw error;
    } finally {
      await session.endSession();
    }
    if (attempt % patience === 0) {
      // If the server's account may not look, MongoDB itself ends it in time.
      await endAbandoned(client).catch(() => undefined);
    }
    await pause(Math.min(attempt * 2, longestPauseMs));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown =
        error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown || attempt === commitAttempts) throw error;
    }
  }
}

function mayRunAgain(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  if (!(error instanceof MongoError)) return false;
  return error.hasErrorLabel('TransientTransactionError') || isDuplicate(error);
}

/** Somebody inserted the same key after we looked: what we looked at is stale. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
