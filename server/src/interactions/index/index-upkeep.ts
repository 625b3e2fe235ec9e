import type { R4 } from '../../r4/r4.ts';
import { customParameter, type CustomParameter } from '../../search/custom-parameter.ts';
import { indexVersion } from '../../search/indexing/index-version.ts';
import { everything } from '../../search/query.ts';
import type { RecordWrite, ResourceStore } from '../../store/resource-store.ts';
import { indexAgain } from './index-again.ts';
import type { Indexer } from './index-of.ts';

interface Parts {
  readonly store: ResourceStore;
  readonly r4: Indexer & Pick<R4, 'registry' | 'resourceTypes' | 'packageParameters'>;
  /** Milliseconds, of any origin. */
  readonly now: () => number;
  /** Says how long, in ms, a write may still be under way that knows nothing of a new parameter. */
  readonly grace: number;
  /** Says how often, in ms, to look for parameters given to other servers of the store; undefined: there are none. */
  readonly poll: number | undefined;
  readonly log: {
    readonly progress: (status: TypeStatus) => void;
    readonly failed: (error: unknown) => void;
  };
}

/** Says how far the index of a type is; `done` of `total` resources. */
export interface TypeStatus {
  readonly type: string;
  readonly state: 'waiting' | 'working' | 'complete';
  readonly done: number;
  readonly total: number;
  /** Codes of parameters that cannot be searched by yet. */
  readonly pending: readonly string[];
  /** The built-in index is of an earlier version of this server. */
  readonly outdated: boolean;
}

interface Pass {
  readonly version: number;
  readonly keys: readonly string[];
  readonly after: string;
  readonly done: number;
  readonly total: number;
}

/** Kept in the store for each type: what its index is complete for, and how far it is with more. */
interface TypeState {
  readonly version: number;
  readonly ready: readonly string[];
  readonly pass?: Pass;
}

const COLLECTION = 'index';
/** Is the key of all types without a state of their own. */
const DEFAULT = '*';
const SLICE = 25;
const RETRY_MS = 1_000;

/**
 * Keeps the index as the search parameters are: those that are built in, and the active SearchParameter resources of the
 * store. New writes follow a change at once; what is stored already is indexed again in small slices, and continued after a
 * restart. A parameter can be searched by when all resources are indexed for it: docs/decisions/0014.
 * @rule SearchParameter
 */
export class IndexUpkeep {
  readonly #parts: Parts;
  #states = new Map<string, TypeState>();
  #fallback = indexVersion;
  #known = '';
  #written: ReadonlySet<string> = new Set();
  #changedAt = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads what is stored, so that nothing is written or searched before with less. */
  async start(): Promise<void> {
    const { store, poll } = this.#parts;
    const records = await store.records(COLLECTION);
    if (!records.has(DEFAULT)) {
      // A store that nobody wrote to is complete from the beginning; any other one is of an unknown version.
      const version = (await store.types()).size === 0 ? indexVersion : 0;
      await store.write({ records: [record(DEFAULT, { version, ready: [] })] });
    }
    await this.refresh();
    if (poll !== undefined) this.#pollEvery(poll);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #pollEvery(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.refresh()
        .catch(this.#parts.log.failed)
        .finally(() => this.#pollEvery(ms));
    }, ms).unref();
  }

  /** Takes up what the SearchParameter resources say now. */
  async refresh(): Promise<void> {
    const { store, r4, now } = this.#parts;
    const custom = await this.#stored();
    this.#states = new Map(
      [...(await store.records(COLLECTION))].map(([type, value]) => [
        type,
        JSON.parse(Buffer.from(value).toString('utf8')) as TypeState,
      ]),
    );
    this.#fallback = this.#states.get(DEFAULT)?.version ?? 0;
    this.#states.delete(DEFAULT);
    const known = JSON.stringify(custom.map(({ key }) => key).sort());
    if (known !== this.#known) {
      this.#known = known;
      this.#changedAt = now();
    }
    r4.registry.useCustom(custom, (type, key) => this.#stateOf(type).ready.includes(key));
    const written = await store.types();
    this.#written = written;
    const changes: RecordWrite[] = [];
    for (const type of r4.resourceTypes) {
      const state = this.#stateOf(type);
      const keys = r4.registry.customKeys(type);
      // If nothing is stored, there is nothing to index again; what is not used any more is not kept up.
      const ready = written.has(type) ? state.ready.filter((key) => keys.includes(key)) : keys;
      if (ready.length === state.ready.length && ready.every((key) => state.ready.includes(key))) {
        continue;
      }
      changes.push(this.#keep(type, { ...state, ready }));
    }
    if (changes.length > 0) await store.write({ records: changes });
    this.#apply(custom);
    this.#wake();
  }

  #custom: readonly CustomParameter[] = [];

  #apply(custom: readonly CustomParameter[] = this.#custom): void {
    this.#custom = custom;
    this.#parts.r4.registry.useCustom(custom, (type, key) =>
      this.#stateOf(type).ready.includes(key),
    );
  }

  async #stored(): Promise<readonly CustomParameter[]> {
    const found = [...this.#parts.r4.packageParameters.usable];
    for (let after: string | undefined; ;) {
      const slice = await this.#parts.store.scan('SearchParameter', {
        count: 200,
        ...(after === undefined ? {} : { after }),
      });
      for (const { body } of slice) {
        const parameter = customParameter(parse(body));
        if (parameter !== undefined) found.push(parameter);
      }
      after = slice.at(-1)?.id;
      if (after === undefined) return found;
    }
  }

  #stateOf(type: string): TypeState {
    return this.#states.get(type) ?? { version: this.#fallback, ready: [] };
  }

  #keep(type: string, state: TypeState): RecordWrite {
    this.#states.set(type, state);
    return record(type, state);
  }

  /** Returns the status of every type whose index is not complete. */
  status(): readonly TypeStatus[] {
    const { r4 } = this.#parts;
    return r4.resourceTypes.flatMap((type): TypeStatus[] => {
      const { pass } = this.#stateOf(type);
      const pending = [...r4.registry.pending(type)].sort();
      const outdated = this.outdated(type);
      if (pending.length === 0 && pass === undefined && !outdated) return [];
      return [
        {
          type,
          state: pass === undefined ? 'waiting' : 'working',
          done: pass?.done ?? 0,
          total: pass?.total ?? 0,
          pending,
          outdated,
        },
      ];
    });
  }

  /** Tells whether some resources of the type may not be found by what this server indexes today. */
  outdated(type: string): boolean {
    return this.#written.has(type) && this.#stateOf(type).version !== indexVersion;
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    const { store, log } = this.#parts;
    while (!this.#stopped) {
      try {
        const type = await this.#next();
        if (type === undefined) {
          if (this.#fallback === indexVersion) return;
          this.#fallback = indexVersion;
          await store.write({ records: [record(DEFAULT, { version: indexVersion, ready: [] })] });
          return;
        }
        await this.#pass(type);
      } catch (error) {
        log.failed(error);
        await pause(RETRY_MS);
      }
    }
  }

  /** A type that is to be indexed again. */
  async #next(): Promise<string | undefined> {
    const { store, r4 } = this.#parts;
    const written = await store.types();
    return [...written].find((type) => {
      const { version, ready } = this.#stateOf(type);
      const keys = r4.registry.customKeys(type);
      return version !== indexVersion || keys.some((key) => !ready.includes(key));
    });
  }

  /** Indexes a type again for the parameters of now; ends early when they change. */
  async #pass(type: string): Promise<void> {
    const { store, r4, now, grace, log } = this.#parts;
    const keys = r4.registry.customKeys(type);
    const current = (): boolean => !this.#stopped && sameList(keys, r4.registry.customKeys(type));
    for (let left = 1; left > 0 && current();) {
      left = this.#changedAt + grace - now();
      if (left > 0) await pause(Math.min(left, 100));
    }
    let pass = await this.#passOf(type, keys);
    while (current()) {
      const started = now();
      const slice = await store.scan(type, { count: SLICE, after: pass.after });
      const last = slice.at(-1);
      if (last === undefined) {
        await store.write({
          records: [this.#keep(type, { version: indexVersion, ready: keys })],
        });
        this.#apply();
        log.progress({ type, state: 'complete', ...pass, pending: [], outdated: false });
        return;
      }
      await store.reindex(
        slice.map((version) => ({ ...version, ...indexAgain(r4, version, log.failed) })),
      );
      pass = { ...pass, after: last.id, done: pass.done + slice.length };
      await store.write({
        records: [this.#keep(type, { ...this.#stateOf(type), pass })],
      });
      // Half of the time belongs to everybody else.
      await pause(now() - started);
    }
  }

  /** The pass that was interrupted, if it was for the same parameters; otherwise a new one. */
  async #passOf(type: string, keys: readonly string[]): Promise<Pass> {
    const { pass } = this.#stateOf(type);
    if (pass?.version === indexVersion && sameList(pass.keys, keys)) return pass;
    const { total = 0 } = await this.#parts.store.search({
      type,
      filter: everything,
      sort: [],
      count: 0,
      total: 'accurate',
    });
    return { version: indexVersion, keys, after: '', done: 0, total };
  }
}

function record(key: string, state: TypeState): RecordWrite {
  return { collection: COLLECTION, key, value: Buffer.from(JSON.stringify(state), 'utf8') };
}

const parse = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString('utf8')) as object;

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
