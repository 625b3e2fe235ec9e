import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Ambient, Part } from './ambient.ts';

export interface StorePart extends Part {
  readonly store: ResourceStore;
}

/** Opens the place where resources, their index and their leaves are kept. */
export async function openStore(
  { store: kept, pageLinks }: Pick<Config, 'store' | 'pageLinks'>,
  { random, now }: Ambient,
): Promise<StorePart> {
  const store = await open(kept, {
    randomBytes: random,
    past: { keepMs: pageLinks * 1000, now },
  });
  return { store, close: () => store.close() };
}

async function open(
  kept: Config['store'],
  options: Parameters<typeof openSqliteStore>[1],
): Promise<ResourceStore> {
  if (kept.kind === 'mongodb') {
    // The driver costs memory that only those who use it should pay.
    const { openMongoStore } = await import('../store/mongo/mongo-store.ts');
    return openMongoStore(kept.url, options);
  }
  await mkdir(dirname(kept.path), { recursive: true });
  return openSqliteStore(kept.path, options);
}
