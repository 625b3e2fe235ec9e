import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from '@jest/globals';
import { promisify } from 'node:util';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { describeStore } from '../ports/store.ts';
import { withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aVersion, aWrite, token } from '../support/store-samples.ts';

const module = new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href;
const filler = new URL('../support/store-filler.ts', import.meta.url).pathname;

async function settle(): Promise<StoreHome> {
  const folder = await mkdtemp(join(tmpdir(), 'chartseal-sqlite-'));
  const address = join(folder, 'made', 'store.db');
  return {
    open: (past) => openSqliteStore(address, { randomBytes, ...(past && { past }) }),
    opener: { module, name: 'openSqliteStore', address },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

describeStore('sqlite', settle);

describe('sqlite store file', () => {
  it('belongs to one process at a time', () =>
    withHome(settle, async (home) => {
      const first = await home.open();
      await first.write(aWrite({ id: 'a' }));
      await assert.rejects(home.open(), (error) => {
        assert.ok(error instanceof StoreUnavailable);
        assert.equal(error.message, 'The store file is in use by another process');
        return true;
      });
      await first.write(aWrite({ id: 'b' }));
      await first.close();
      const second = await home.open();
      assert.equal((await second.versions.current('Observation', 'b'))?.id, 'b');
      await second.close();
    }));

  it('is readable by its owner alone', () =>
    withHome(settle, async (home) => {
      const store = await home.open();
      await store.write(aWrite({ id: 'a' }));
      const folder = join(home.opener.address, '..');
      for (const name of await readdir(folder)) {
        assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
      }
      assert.equal((await stat(folder)).mode & 0o077, 0);
      await store.close();
    }));

  it('is refused when something else wrote it, and left as it was', () =>
    withHome(settle, async (home) => {
      await (await home.open()).close();
      const foreign = `${home.opener.address}.foreign`;
      const database = new DatabaseSync(foreign);
      database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (7)');
      database.close();
      await assert.rejects(openSqliteStore(foreign, { randomBytes }), StoreUnavailable);
      const again = new DatabaseSync(foreign);
      assert.equal(again.prepare('SELECT x FROM theirs').get()?.x, 7);
      again.close();

      const garbage = `${home.opener.address}.garbage`;
      await writeFile(garbage, 'no database at all '.repeat(500));
      await assert.rejects(openSqliteStore(garbage, { randomBytes }), StoreUnavailable);
      await assert.rejects(openSqliteStore('/proc/store.db', { randomBytes }), StoreUnavailable);
    }));

  it('keeps what it acknowledged when the disk is full, says so without details, and goes on reading', () =>
    withHome(settle, async (home) => {
      const { address } = home.opener;
      const limited = 'ulimit -f 4096; exec "$0" "$@"';
      const { stdout } = await promisify(execFile)(
        'bash',
        ['-c', limited, process.execPath, filler, address],
        { maxBuffer: 1 << 24 },
      );
      const { acknowledged, failures, last, ready } = JSON.parse(stdout) as {
        acknowledged: string[];
        failures: object[];
        last: string;
        ready: object;
      };
      assert.ok(acknowledged.length >= 16);
      assert.ok(failures.length > 0);
      const unavailable = { name: 'StoreUnavailable', message: 'The store cannot be used now' };
      for (const failure of [...failures, ready]) assert.deepEqual(failure, unavailable);
      assert.equal(last, acknowledged.at(-1));

      const store = await home.open();
      for (const id of acknowledged) assert.ok(await store.versions.current('Observation', id), id);
      const queued = (await store.leaves.queued(100_000)).map(({ id }) => id);
      for (const id of acknowledged) assert.ok(queued.includes(`Observation/${id}/1`));
      await store.write(aWrite({ id: 'there-is-room-again' }));
      await store.close();
    }));

  it('keeps nothing in its index of what contained resources were', () =>
    withHome(settle, async (home) => {
      const past = { keepMs: 50, now: () => performance.now() };
      let store = await home.open();
      const inner = (id: string) => ({
        type: 'Inner',
        id,
        place: 0,
        index: [token('t', null, id)],
      });
      const version = (number: number, ...ids: readonly string[]) =>
        aVersion({ id: 'a', version: number, ...(ids.length > 0 && { inside: ids.map(inner) }) });
      for (const each of [version(1, 'x', 'y'), version(2, 'z'), version(3, 'z', 'z')]) {
        await store.write({ versions: [each] });
      }
      await store.versions.reindex([version(3, 'last')]);
      const rows = async () => {
        await store.close();
        const db = new DatabaseSync(home.opener.address, { readOnly: true });
        const found = ['SELECT id FROM contained', 'SELECT code AS id FROM token_entry'].map(
          (sql) =>
            db
              .prepare(sql)
              .all()
              .map(({ id }) => id),
        );
        db.close();
        store = await home.open(past);
        return found;
      };
      assert.deepEqual(
        (await rows()).map(({ length }) => length),
        [4, 4],
      );
      const until = performance.now() + 10_000;
      while ((await rows())[0]?.length !== 1 && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assert.deepEqual(await rows(), [['last'], ['last']]);
      await store.close();
      const again = await home.open();
      await again.write({ versions: [aVersion({ id: 'b', inside: [inner('b')] })] });
      await again.close();
    }));
});
