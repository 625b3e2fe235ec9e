import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Filter, IndexEntry } from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { aVersion, token } from '../support/store-samples.ts';

const ITEMS = 600;
let folder: string;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'linked-cost-'));
  store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  const ids = Array.from({ length: ITEMS }, (_, i) => String(i));
  const index = ids.map((id): IndexEntry => ({
    kind: 'reference',
    param: 'target',
    target: `Item/${id}`,
  }));
  await store.write({
    versions: [
      ...ids.map((id, i) =>
        aVersion({ type: 'Item', id, index: [token('code', null, i % 3 === 0 ? 'x' : 'y')] }),
      ),
      ...['1', '2', '3', '4'].map((id) => aVersion({ type: 'Source', id, index })),
      aVersion({ type: 'Source', id: '5', index: index.slice(1, 3) }),
    ],
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('links through what refers to hundreds', () => {
  const within: Filter = { op: 'and', all: [] };
  const beside = (filter: Filter): Filter => ({
    op: 'referenced',
    type: 'Source',
    param: 'target',
    filter: { op: 'chain', param: 'target', type: 'Item', filter, within },
    within,
  });
  const coded = (code: string): Filter => ({ op: 'token', param: 'code', code });
  const found = async (filter: Filter): Promise<number | undefined> => {
    const query = { type: 'Item', filter, sort: [], count: 10, total: 'accurate' } as const;
    return (await store.versions.search(query)).total;
  };

  it('are followed once for each of them', async () => {
    assert.equal(await found(beside(coded('x'))), ITEMS);
    assert.equal(await found(beside(beside(coded('x')))), ITEMS);
    assert.equal(await found({ op: 'and', all: [coded('y'), beside(coded('x'))] }), 400);
    assert.equal(await found(beside({ op: 'and', all: [coded('x'), coded('y')] })), 0);
    const narrow: Filter = {
      ...{ op: 'referenced', type: 'Source', param: 'target', within: { op: 'id', ids: ['5'] } },
      filter: { op: 'chain', param: 'target', type: 'Item', filter: coded('y'), within },
    };
    assert.equal(await found(narrow), 2);
  });
});
