import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { describeResourceStore } from '../ports/resource-store.ts';
import type { StoreHome } from '../support/store-home.ts';

const module = new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href;

async function settle(): Promise<StoreHome> {
  const folder = await mkdtemp(join(tmpdir(), 'chartseal-sqlite-'));
  const address = join(folder, 'store.db');
  return {
    open: () => openSqliteStore(address, { randomBytes }),
    opener: { module, name: 'openSqliteStore', address },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

describeResourceStore('sqlite', settle);
