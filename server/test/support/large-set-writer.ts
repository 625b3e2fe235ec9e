/** Writes large sets into a SQLite store until it is killed; prints the number of each when it is acknowledged. */
import { randomBytes } from 'node:crypto';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { aLargeSet } from './large-set.ts';

const [address = ''] = process.argv.slice(2);
const store = await openSqliteStore(address, { randomBytes });
for (let number = 0; ; number += 1) {
  await store.write(aLargeSet(`s${number}`));
  console.log(number);
}
