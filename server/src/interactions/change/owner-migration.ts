import { UNPLACED } from '../../consent/unplaced.ts';
import type { Data } from '../../access/groups.ts';
import type { Store } from '../../store/store.ts';
import { UNASSIGNED, type LaterOwners } from './later-owners.ts';

/** Says how far the owners of what was stored before have been looked for. */
export interface OwnersStatus {
  readonly done: number;
  readonly total: number;
}

interface State extends OwnersStatus {
  /** Version of the rules by which owners were looked for. */
  readonly rules: number;
  /** Says where to go on; absent before the first page. */
  readonly page?: string;
  readonly finished: boolean;
}

interface Parts {
  readonly services: Data;
  readonly later: LaterOwners;
  /** Milliseconds, of any origin. */
  readonly now: () => number;
  readonly log: {
    readonly progress: (status: OwnersStatus) => void;
    readonly failed: (error: unknown) => void;
  };
}

const COLLECTION = 'owners';
const KEY = 'state';
const RULES = 1;
const PER_PAGE = 25;
const RETRY_MS = 1_000;
/** Pages after which the log tells how far it is. */
const TOLD_EVERY = 40;

/**
 * Brings what earlier servers stored under the rules of today. What concerned nobody, though its type may concern
 * patients, is closed before anything is read, all versions at once; then owners are looked for in the background, which
 * a restart continues.
 */
export class OwnerMigration {
  readonly #parts: Parts;
  #state: State = { rules: RULES, done: 0, total: 0, finished: true };
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when nothing stored is open that should not be. */
  async start(): Promise<void> {
    const { store, r4 } = this.#parts.services;
    const known = await this.#read(store);
    if (known?.rules === RULES) this.#state = known;
    else {
      const total = await store.versions.assignUnowned(r4.concerningTypes, UNPLACED);
      await this.#keep({ rules: RULES, done: 0, total, finished: false });
    }
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  status(): OwnersStatus {
    const { done, total, finished } = this.#state;
    return { done: finished ? total : done, total };
  }

  async #run(): Promise<void> {
    const { later, log } = this.#parts;
    // A version that is assigned on a page may be awaited by one that was looked at before.
    const steps = [() => later.settleAll(), () => this.#pages(), () => later.settleAll()];
    for (let step = steps.shift(); step !== undefined && !this.#isStopped();) {
      try {
        await step();
        step = steps.shift();
      } catch (error) {
        if (this.#isStopped()) return;
        log.failed(error);
        await pause(RETRY_MS);
      }
    }
  }

  async #pages(): Promise<void> {
    for (let pages = 1; !this.#isFinished() && !this.#isStopped(); pages += 1) {
      await this.#page();
      if (this.#isFinished() || pages % TOLD_EVERY === 0) this.#parts.log.progress(this.status());
    }
  }

  #isFinished(): boolean {
    return this.#state.finished;
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  async #page(): Promise<void> {
    const { services, later, now } = this.#parts;
    const started = now();
    const { page, done, total } = this.#state;
    const found = await services.store.versions.changes({
      narrowed: UNASSIGNED,
      count: PER_PAGE,
      ...(page !== undefined && { page }),
    });
    for (const version of found.versions) {
      await later.assign(version, { opening: true });
      const { type, id } = version;
      const current = await services.store.versions.current(type, id);
      if (current?.version === version.version) await later.index(current);
    }
    await this.#keep({
      rules: RULES,
      done: Math.min(total, done + found.versions.length),
      total,
      finished: found.next === undefined,
      ...(found.next !== undefined && { page: found.next }),
    });
    // Half of the time belongs to everybody else.
    await pause(now() - started);
  }

  async #read(store: Pick<Store, 'records'>): Promise<State | undefined> {
    const bytes = await store.records.record(COLLECTION, KEY);
    return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as State);
  }

  async #keep(state: State): Promise<void> {
    const value = Buffer.from(JSON.stringify(state), 'utf8');
    await this.#parts.services.store.write({
      records: [{ collection: COLLECTION, key: KEY, value }],
    });
    this.#state = state;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
