import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { LogPlaces } from '../../src/store/sqlite/log-marks.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { aVersion } from '../support/store-samples.ts';

const VERSIONS = 2_000;
/** No more than these are looked at in vain. */
const APART = 128;

describe('places of instants in the log', () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartseal-log-marks-'));
    path = join(folder, 'store.db');
    const store = await openSqliteStore(path, { randomBytes });
    await store.write({
      versions: Array.from({ length: VERSIONS }, (_, i) =>
        aVersion({ id: `n${i}`, lastUpdated: 1_000 + i }),
      ),
    });
    await store.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function assertNear(): void {
    const db = new DatabaseSync(path);
    const places = new LogPlaces(db);
    try {
      // The version of the instant 1_000 + i has the place i + 1.
      for (const i of [0, 1, 127, 128, 129, 1_500, VERSIONS - 1, VERSIONS, VERSIONS * 9]) {
        const from = Math.min(i, VERSIONS);
        const after = places.after(1_000 + i);
        assert.ok(after <= from && after > from - APART, `after ${i}: ${after}`);
        const until = Math.min(places.until(1_000 + i), VERSIONS);
        assert.ok(until >= from && until < from + APART + 1, `until ${i}: ${until}`);
      }
    } finally {
      db.close();
    }
  }

  it('are found with few versions looked at in vain', () => {
    assertNear();
  });

  it('are noted when a file is opened that has none', async () => {
    const db = new DatabaseSync(path);
    db.exec('DROP TABLE landmark');
    db.close();
    await (await openSqliteStore(path, { randomBytes })).close();
    assertNear();
  });
});
