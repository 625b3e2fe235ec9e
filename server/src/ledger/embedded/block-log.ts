import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { canonicalJson, type CanonicalValue, type EmbeddedBlock } from '@chartseal/evidence';

/** A transaction as it is kept until it is ordered; `version` is that of the value read, null when it was absent. */
export interface Endorsed {
  readonly txId: string;
  readonly creator: string;
  readonly reads: readonly { readonly key: string; readonly version: string | null }[];
  readonly writes: readonly { readonly key: string; readonly value: string }[];
  /** Policies that keys have from then on, in base64; a transaction kept by an older version has none. */
  readonly policies?: readonly { readonly key: string; readonly policy: string }[];
}

export interface Versioned {
  /** UTF-8. */
  readonly value: Uint8Array;
  /** `block.position` of the transaction that wrote it. */
  readonly version: string;
  /** Its key-level policy, which nobody enforces here: there is one peer. */
  readonly policy?: Uint8Array;
}

export interface Placed {
  readonly block: number;
  readonly valid: boolean;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 10000;
  CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS key_policy (key TEXT PRIMARY KEY, policy BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, bytes TEXT NOT NULL, signature BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS tx (id TEXT PRIMARY KEY, block INTEGER NOT NULL, valid INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS signing_key (id INTEGER PRIMARY KEY CHECK (id = 1), pem TEXT NOT NULL);
`;

/** Stands where Fabric would be: state and signed blocks in one SQLite file, which several processes may share. */
export class BlockLog {
  readonly #db: DatabaseSync;
  readonly #key: KeyObject;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(SCHEMA);
    this.#key = this.#signingKey();
  }

  /** PEM public key that checks the blocks' signatures. */
  publicKey(): string {
    return createPublicKey(this.#key).export({ type: 'spki', format: 'pem' }).toString();
  }

  read(key: string): Versioned | undefined {
    const row = this.#row(
      'SELECT value, version, policy FROM state LEFT JOIN key_policy USING (key) WHERE key = ?',
      key,
    );
    if (row === undefined) return undefined;
    const { value, version, policy } = row;
    return {
      ...{ value: Buffer.from(String(value)), version: String(version) },
      ...(policy instanceof Uint8Array && { policy }),
    };
  }

  placeOf(txId: string): Placed | undefined {
    const row = this.#row('SELECT block, valid FROM tx WHERE id = ?', txId);
    return row && { block: Number(row['block']), valid: row['valid'] === 1 };
  }

  block(number: number): { readonly bytes: string; readonly signature: Uint8Array } | undefined {
    const row = this.#row('SELECT bytes, signature FROM block WHERE number = ?', number);
    return row && { bytes: String(row['bytes']), signature: row['signature'] as Uint8Array };
  }

  /** Orders the transactions that have no place yet into one block, durably; those whose reads are outdated have no effect. */
  commit(transactions: readonly Endorsed[]): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const fresh = transactions.filter(({ txId }) => this.placeOf(txId) === undefined);
      if (fresh.length > 0) this.#append(fresh);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** @throws Error unless a durable write is possible now */
  probe(): void {
    this.#db.exec('BEGIN IMMEDIATE; COMMIT');
  }

  close(): void {
    this.#db.close();
  }

  #append(transactions: readonly Endorsed[]): void {
    const last = this.#row('SELECT number, bytes FROM block ORDER BY number DESC LIMIT 1');
    const number = last === undefined ? 0 : Number(last['number']) + 1;
    const place = this.#db.prepare('INSERT INTO tx (id, block, valid) VALUES (?, ?, ?)');
    const put = this.#db.prepare(
      'INSERT OR REPLACE INTO state (key, value, version) VALUES (?, ?, ?)',
    );
    const keep = this.#db.prepare('INSERT OR REPLACE INTO key_policy (key, policy) VALUES (?, ?)');
    const block: EmbeddedBlock = {
      number,
      previous: last === undefined ? '' : sha256(String(last['bytes'])),
      transactions: transactions.map(({ txId, creator, reads, writes, policies = [] }, i) => {
        const valid = reads.every(
          ({ key, version }) => (this.read(key)?.version ?? null) === version,
        );
        place.run(txId, number, valid ? 1 : 0);
        if (valid) {
          for (const { key, value } of writes) put.run(key, value, `${number}.${i}`);
          for (const { key, policy } of policies) keep.run(key, Buffer.from(policy, 'base64'));
        }
        return { txId, valid, creator, writes };
      }),
    };
    const bytes = canonicalJson(block as unknown as CanonicalValue);
    this.#db
      .prepare('INSERT INTO block (number, bytes, signature) VALUES (?, ?, ?)')
      .run(number, bytes, sign(null, Buffer.from(bytes), this.#key));
  }

  #signingKey(): KeyObject {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    this.#db.prepare('INSERT OR IGNORE INTO signing_key (id, pem) VALUES (1, ?)').run(pem);
    return createPrivateKey(String(this.#row('SELECT pem FROM signing_key')?.['pem']));
  }

  #row(
    sql: string,
    ...values: readonly (string | number)[]
  ): Record<string, SQLOutputValue> | undefined {
    return this.#db.prepare(sql).get(...values);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
