/** Fills a SQLite store until the file system takes no more; prints what was acknowledged, then how it failed. */
import { randomBytes } from 'node:crypto';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { anObservation } from './store-samples.ts';

const [address = ''] = process.argv.slice(2);
const store = await openSqliteStore(address, { randomBytes });
const acknowledged: string[] = [];
const failures: { name: string; message: string }[] = [];
for (let round = 0; failures.length === 0; round += 1) {
  const ids = Array.from({ length: 16 }, (_, i) => `${round}-${i}`);
  const writes = ids.map((id) =>
    store.write(anObservation({ id, patient: 'p', code: 'c', at: round })),
  );
  for (const [i, outcome] of (await Promise.allSettled(writes)).entries()) {
    if (outcome.status === 'fulfilled') acknowledged.push(ids[i] ?? '');
    else failures.push(named(outcome.reason));
  }
}
const last = await store.versions.current('Observation', acknowledged.at(-1) ?? '');
let ready: { name: string; message: string } | undefined;
for (let probe = 0; ready === undefined && probe < 5_000; probe += 1) {
  await store.ready().catch((error: unknown) => {
    ready = named(error);
  });
}
console.log(JSON.stringify({ acknowledged, failures, last: last?.id, ready }));

function named(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: '', message: '' };
}
