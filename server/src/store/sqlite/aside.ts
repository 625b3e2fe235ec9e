import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { PendingSet } from '../group-commit.ts';
import { StoreConflict, StoreUnavailable } from '../resource-store.ts';
import type { WriteSet } from '../resource-store.ts';
import { guard } from './guard.ts';
import { portions } from './portions.ts';

/** Holds what the thread is told; it answers each order once. */
export interface Order {
  readonly set: WriteSet;
  readonly last: boolean;
}

export type Answer =
  | { readonly taken: true }
  | {
      readonly failed: {
        readonly name?: string;
        readonly message?: string;
        readonly cause?: unknown;
      };
    };

/** Orders that may be under way at once. */
const ahead = 3;

const program = new URL(
  import.meta.url.endsWith('.ts') ? './aside-worker.ts' : './aside-worker.js',
  import.meta.url,
);

/**
 * Writes a large set in one transaction on a thread and a connection of its own, which lasts for that set. Meanwhile the
 * store's own connection reads what was committed before, and nothing else is written.
 */
export class Aside {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #refresh: () => void;
  readonly #dataVersion: StatementSync;
  #seen: unknown;
  #running: Promise<void> | undefined;

  /** @param refresh called when what is read on the store's own connection has changed */
  constructor(db: DatabaseSync, path: string, refresh: () => void) {
    this.#db = db;
    this.#path = path;
    this.#refresh = refresh;
    this.#dataVersion = db.prepare('PRAGMA data_version');
  }

  /** Settles the set. Resolves when others may write again. */
  write(pending: PendingSet): Promise<void> {
    this.#running = this.#write(pending).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Resolves when the set under way is settled and others may write. */
  async idle(): Promise<void> {
    await this.#running;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Reads at one moment: the other thread may commit at any time. */
  read<T>(act: () => T): T {
    if (this.#running === undefined) return act();
    this.#db.exec('BEGIN');
    try {
      this.#look();
      return act();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #look(): void {
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#seen) this.#refresh();
    this.#seen = version;
  }

  async #write({ set, resolve, reject }: PendingSet): Promise<void> {
    try {
      this.#seen = this.#dataVersion.get()?.data_version;
      this.#lock('NORMAL');
      const worker = new Worker(program, {
        workerData: { path: this.#path },
        resourceLimits: { maxYoungGenerationSizeMb: 8 },
      });
      const over = new Promise<void>((ended) => worker.once('exit', () => ended()));
      try {
        await handOver(worker, set);
        this.#look();
        resolve();
      } finally {
        await over;
      }
    } catch (error) {
      reject(error);
    }
    try {
      // A thread that ended without an answer may have committed all the same.
      this.#look();
      this.#lock('EXCLUSIVE');
    } catch {
      // Another process has just looked whether the file is free, in vain: the next write locks it.
    }
  }

  /** The file is this process's alone but for the lifetime of the thread; a transaction makes the change take effect. */
  #lock(mode: 'NORMAL' | 'EXCLUSIVE'): void {
    guard(() => this.#db.exec(`PRAGMA locking_mode = ${mode}; BEGIN IMMEDIATE; COMMIT`));
  }
}

/** Resolves when all of it is committed. */
async function handOver(worker: Worker, set: WriteSet): Promise<void> {
  const answers = new Answers(worker);
  let under = 0;
  const parts = portions(set);
  for (let part = parts.next(); part.done !== true;) {
    const { set: some, bytes } = part.value;
    part = parts.next();
    worker.postMessage({ set: some, last: part.done === true } satisfies Order, [bytes]);
    under += 1;
    for (; under >= ahead || (part.done === true && under > 0); under -= 1) await answers.next();
  }
}

class Answers {
  readonly #ready: Answer[] = [];
  #wake: (() => void) | undefined;

  constructor(worker: Worker) {
    worker.on('message', (answer: Answer) => this.#add(answer));
    worker.on('error', (cause) => this.#add({ failed: { cause } }));
    worker.on('exit', () => this.#add({ failed: {} }));
  }

  /** @throws StoreConflict, StoreUnavailable */
  async next(): Promise<void> {
    while (this.#ready.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    const answer = this.#ready.shift();
    if (answer === undefined || 'taken' in answer) return;
    const { name, message = 'The store cannot be used now', cause } = answer.failed;
    if (name === 'StoreConflict') throw new StoreConflict(message, { cause });
    if (name === 'RangeError') throw new RangeError(message, { cause });
    throw new StoreUnavailable(message, { cause });
  }

  #add(answer: Answer): void {
    this.#ready.push(answer);
    this.#wake?.();
  }
}
