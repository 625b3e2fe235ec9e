import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WriteSet } from '../../../../server/src/store/resource-store.ts';
import { openSqliteStore } from '../../../../server/src/store/sqlite/sqlite-store.ts';
import { Vocabulary } from './vocabulary.ts';
import type { WatchedStore } from './watched-store.ts';

/** Matches what our own statements are made of: no quotes, no comments, no second statement. */
const OWN_TEXT = /^[\w\s.,()=<>!?|*+-]*$/;

/** A store of SQLite whose statements are looked at as they are prepared, by text and by SQLite's authorizer. */
export async function watchedSqlite(writes: readonly WriteSet[]): Promise<WatchedStore> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  for (const write of writes) await store.write(write);
  const vocabulary = new Vocabulary();
  const texts = new Set<string>();
  const restore = watchPreparing((db, text) => {
    db.setAuthorizer((action, ...about) => {
      vocabulary.hear([['may', action, ...about.map((name) => name ?? '')].join(' ')]);
      return constants.SQLITE_OK;
    });
    texts.add(text);
    vocabulary.hear(text.match(/[A-Za-z_]\w*/g) ?? []);
    if (!OWN_TEXT.test(text)) vocabulary.hear([text]);
  });
  return {
    name: 'sqlite',
    store,
    vocabulary,
    statements: () => `${texts.size} texts of statements`,
    close: async () => {
      restore();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function watchPreparing(look: (db: DatabaseSync, text: string) => void): () => void {
  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'prepare');
  if (original === undefined) throw new Error('node:sqlite prepares in another way now');
  const prepare = original.value as DatabaseSync['prepare'];
  const watched: DatabaseSync['prepare'] = function (this: DatabaseSync, ...of) {
    look(this, of[0]);
    return prepare.apply(this, of);
  };
  Object.defineProperty(DatabaseSync.prototype, 'prepare', { ...original, value: watched });
  return () => {
    Object.defineProperty(DatabaseSync.prototype, 'prepare', original);
  };
}
