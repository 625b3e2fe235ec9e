import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';

/** Sessions, codes, grants and used assertion ids of one authorization server, kept across restarts. */
export interface StateFile {
  adapter(model: string): Adapter;
  close(): void;
}

/** Models that end together with their grant. */
const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);
const CLEAN_EVERY = 256;

/** @param clock milliseconds since the epoch */
export function openStateFile(path: string, clock: () => number): StateFile {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // It holds codes that can be redeemed; SQLite gives its other files the same mode.
    closeSync(openSync(path, 'a', 0o600));
  }
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS entry (
      model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, expires INTEGER NOT NULL,
      consumed INTEGER, grant_id TEXT, uid TEXT, PRIMARY KEY (model, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entry_grant ON entry (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS entry_uid ON entry (uid) WHERE uid IS NOT NULL;
    CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
  `);
  const columns =
    '(model, id, payload, expires, consumed, grant_id, uid) VALUES (?, ?, ?, ?, NULL, ?, ?)';
  const insert = db.prepare(`INSERT INTO entry ${columns}`);
  const upsert = db.prepare(
    `INSERT INTO entry ${columns}
     ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires = excluded.expires,
       grant_id = excluded.grant_id, uid = excluded.uid`,
  );
  const select = db.prepare(
    'SELECT payload, consumed FROM entry WHERE model = ? AND id = ? AND expires > ?',
  );
  const byUid = db.prepare(
    'SELECT payload, consumed FROM entry WHERE model = ? AND uid = ? AND expires > ?',
  );
  const consume = db.prepare(
    'UPDATE entry SET consumed = ? WHERE model = ? AND id = ? AND consumed IS NULL',
  );
  const remove = db.prepare('DELETE FROM entry WHERE model = ? AND id = ?');
  const revoke = db.prepare('DELETE FROM entry WHERE model = ? AND grant_id = ?');
  const clean = db.prepare('DELETE FROM entry WHERE expires <= ?');

  let writes = 0;
  const now = (): number => Math.floor(clock() / 1000);
  const save = (model: string, id: string, payload: AdapterPayload, expires: number): void => {
    if (writes++ % CLEAN_EVERY === 0) clean.run(now());
    const grant = GRANTABLE.has(model) ? (payload.grantId ?? null) : null;
    const values = [
      model,
      id,
      JSON.stringify(payload),
      expires,
      grant,
      payload.uid ?? null,
    ] as const;
    if (model !== 'ReplayDetection') {
      upsert.run(...values);
      return;
    }
    try {
      // Looking first and writing then would let two of the same assertion through at once.
      insert.run(...values);
    } catch (error) {
      if (!/UNIQUE/.test((error as Error).message)) throw error;
      throw new errors.InvalidClientAuth('client assertions must only be used once');
    }
  };

  return {
    adapter: (model) => ({
      upsert: (id, payload, expiresIn) =>
        attempt(() => save(model, id, payload, now() + (expiresIn ?? Number.MAX_SAFE_INTEGER / 2))),
      find: (id) => attempt(() => payloadOf(select.get(model, id, now()))),
      findByUid: (uid) => attempt(() => payloadOf(byUid.get(model, uid, now()))),
      findByUserCode: () => Promise.resolve(undefined),
      consume: (id) =>
        attempt(() => {
          if (consume.run(now(), model, id).changes === 1) return;
          throw new errors.InvalidGrant('already used');
        }),
      destroy: (id) => attempt(() => void remove.run(model, id)),
      revokeByGrantId: (grantId) => attempt(() => void revoke.run(model, grantId)),
    }),
    close: () => db.close(),
  };
}

function payloadOf(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  if (row === undefined) return undefined;
  const payload = JSON.parse(String(row['payload'])) as AdapterPayload;
  return row['consumed'] === null ? payload : { ...payload, consumed: row['consumed'] };
}

/** The database answers at once; the interface is asynchronous. */
async function attempt<T>(act: () => T): Promise<T> {
  return Promise.resolve(act());
}
