import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { Dictionary } from './dictionary.ts';
import { guard } from './guard.ts';
import type { Answer, Order } from './aside.ts';
import { SetWriter } from './write-set.ts';

/** Attempts to copy all of the log, which readers of the moment may hold up. */
const ATTEMPTS = 20;

const { path } = workerData as { readonly path: string };
const say = (answer: Answer): void => parentPort?.postMessage(answer);
const db = new DatabaseSync(path);
db.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;
  PRAGMA wal_autocheckpoint = 0`);
let writer: SetWriter | undefined;
let failed = false;

parentPort?.on('message', ({ set, last }: Order) => {
  if (failed) return;
  try {
    guard(() => {
      writer ??= begin();
      writer.write(set);
      if (last) db.exec('COMMIT');
    });
    say({ taken: true });
    if (last) end();
  } catch (error) {
    failed = true;
    // Closing undoes what was not committed.
    db.close();
    say({
      failed:
        error instanceof Error
          ? { name: error.name, message: error.message, cause: error.cause }
          : {},
    });
    parentPort?.close();
  }
});

function begin(): SetWriter {
  db.exec('BEGIN IMMEDIATE');
  return new SetWriter(db, new Dictionary(db));
}

/** A log as long as this would hold up the next writer. */
function end(): void {
  for (let i = 0; i < ATTEMPTS; i += 1) {
    const done = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    if (done?.busy === 0 && done.log === done.checkpointed) break;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  db.close();
  parentPort?.close();
}
