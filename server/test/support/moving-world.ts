import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareText, sortValue } from '../../src/search/compare.ts';
import { matches } from '../../src/search/matches.ts';
import type { World } from '../../src/search/matches.ts';
import type { IndexEntry, SearchQuery, SortKey, SortValue } from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { linkedFilter, named } from './random-links.ts';
import { aVersion } from './store-samples.ts';

/** Numbers that look random and are the same for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof randomOf>;

const idsPerWriter = 4;

/** Resources of two types that several writers change all the time, and what is known about the order of the changes. */
export class MovingWorld {
  readonly names: Readonly<Record<'A' | 'B', string>>;
  /** Everything ever given to the store, by `Type/id/version`. */
  readonly #given = new Map<string, VersionWrite>();
  readonly #store: Store;
  readonly #random: Random;
  readonly #seed: number;
  /** Versions of finished writes, and of those that began. */
  readonly #done: string[] = [];
  readonly #begun: string[] = [];
  #stopped = false;

  constructor(store: Store, seed: number) {
    this.#store = store;
    this.#seed = seed;
    this.#random = randomOf(seed);
    this.names = { A: `Sea${seed}a`, B: `Sea${seed}b` };
  }

  /** Writes until it is stopped. */
  async write(writer: number, pause: () => Promise<unknown>): Promise<void> {
    const random = randomOf(this.#seed + 1 + writer);
    const versions = new Map<string, VersionWrite>();
    while (!this.#stopped) {
      const set: VersionWrite[] = [];
      for (let i = random(3); i >= 0; i -= 1) {
        const type = this.names[random(2) === 0 ? 'A' : 'B'];
        const id = `${writer + 8 * random(idsPerWriter)}`;
        const before = versions.get(`${type}/${id}`);
        const next = this.#make(random, { type, id, version: (before?.version ?? 0) + 1 });
        versions.set(`${type}/${id}`, next);
        set.push(next);
      }
      const keys = set.map(keyOf);
      set.forEach((version, i) => this.#given.set(keys[i] ?? '', version));
      this.#begun.push(...keys);
      await this.#store.write({ versions: set });
      this.#done.push(...keys);
      await pause();
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** How far the writers surely are, and how far they may be. */
  progress(): { readonly done: number; readonly begun: number } {
    return { done: this.#done.length, begun: this.#begun.length };
  }

  #make(
    random: Random,
    of: { readonly type: string; readonly id: string; readonly version: number },
  ): VersionWrite {
    const deleted = of.version > 1 && random(5) === 0;
    const texts = ['c', 'd', 'e', 'ab', 'é', '\u{1D49C}'];
    const text = (): string => texts[random(texts.length)] ?? '';
    const index: IndexEntry[] = [];
    for (let i = random(4); i > 0; i -= 1) {
      index.push({ kind: 'token', param: 'code', system: null, code: text() });
      const name = text();
      index.push({ kind: 'string', param: 'name', value: name, folded: name });
    }
    for (let i = random(3); i > 0; i -= 1) {
      const from = random(9);
      index.push({ kind: 'date', param: 'date', from, to: from + 1 });
      index.push({ kind: 'number', param: 'mixed', low: from, high: from + 1 });
      index.push({ kind: 'token', param: 'mixed', system: null, code: text() });
    }
    for (let i = random(4); i > 0; i -= 1) {
      const target = `${this.names[random(2) === 0 ? 'A' : 'B']}/${random(8 * idsPerWriter)}`;
      index.push({ kind: 'reference', param: random(2) === 0 ? 'link' : 'other', target });
    }
    return aVersion({
      ...of,
      deleted,
      method: deleted ? 'DELETE' : 'PUT',
      lastUpdated: random(6),
      patients: ['p1', 'p2'].filter(() => random(3) === 0),
      index: deleted ? [] : index,
      leaf: `${keyOf(of)} ${this.#seed}`,
    });
  }

  /** A search of one of the types. */
  query(): Omit<SearchQuery, 'count'> {
    const random = this.#random;
    const [filter] = fc.sample(linkedFilter, { seed: random(2 ** 31), numRuns: 1 });
    assert.ok(filter);
    return {
      type: this.names[random(2) === 0 ? 'A' : 'B'],
      filter: random(2) === 0 ? { op: 'and', all: [] } : named(filter, this.names),
      sort: this.#sort(),
      total: random(3) === 0 ? 'accurate' : 'none',
      boundTo: `${random(1000)}`,
    };
  }

  #sort(): readonly SortKey[] {
    const random = this.#random;
    const within = (): SearchQuery['filter'] =>
      random(2) === 0
        ? { op: 'and', all: [] }
        : { op: 'patients', mode: 'not-in', patients: ['p1'] };
    const target = (type: string, value: SortValue) => ({ type, value, within: within() });
    const { A, B } = this.names;
    const values: readonly SortValue[] = [
      { param: '_id' },
      { param: '_lastUpdated' },
      { param: 'code' },
      { param: 'name' },
      { param: 'date' },
      { param: 'mixed' },
      { param: 'link' },
      { param: 'link', through: [target(A, { param: 'name' })] },
      { param: 'other', through: [target(A, { param: 'date' }), target(B, { param: 'date' })] },
      { param: 'link', through: [target(B, { param: '_lastUpdated' })] },
      {
        param: 'other',
        through: [
          target(B, { param: 'link', through: [target(A, { param: 'mixed' })] }),
          target(A, { param: '_id' }),
        ],
      },
    ];
    return Array.from({ length: random(4) }, () => ({
      ...(values[random(values.length)] ?? { param: '_id' }),
      descending: random(2) === 0,
    })).filter((key, i, all) => all.findIndex(({ param }) => param === key.param) === i);
  }

  /**
   * What a search finds, for each number of commits that it may have seen.
   * @param order everything written, in the order of its commits
   */
  *answers(
    order: readonly string[],
    query: Pick<SearchQuery, 'type' | 'filter' | 'sort'>,
    seen: { readonly atLeast: ReadonlySet<string>; readonly among: ReadonlySet<string> },
  ): Generator<readonly string[]> {
    const current = new Map<string, VersionWrite>();
    let missing = seen.atLeast.size;
    for (let i = 0; ; i += 1) {
      if (missing === 0) yield this.#evaluate(current, query);
      const key = order[i];
      if (key === undefined || !seen.among.has(key)) return;
      const version = this.#given.get(key);
      assert.ok(version, key);
      if (seen.atLeast.has(key)) missing -= 1;
      current.set(`${version.type}/${version.id}`, version);
    }
  }

  /** Names of what was written by then. */
  written(progress: { readonly done: number; readonly begun: number }): {
    readonly done: ReadonlySet<string>;
    readonly begun: ReadonlySet<string>;
  } {
    return {
      done: new Set(this.#done.slice(0, progress.done)),
      begun: new Set(this.#begun.slice(0, progress.begun)),
    };
  }

  #evaluate(
    current: ReadonlyMap<string, VersionWrite>,
    { type, filter, sort }: Pick<SearchQuery, 'type' | 'filter' | 'sort'>,
  ): readonly string[] {
    const all = [...current.values()].filter(({ deleted }) => !deleted);
    const of = (name: string): readonly VersionWrite[] =>
      all.filter((version) => version.type === name);
    const world: World = { type, resources: of };
    return of(type)
      .filter((resource) => matches(resource, filter, world))
      .sort((a, b) => compare(a, b, sort, world))
      .map(keyOf);
  }
}

export function keyOf(of: {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}): string {
  return `${of.type}/${of.id}/${of.version}`;
}

type Value = number | string;

function compare(a: VersionWrite, b: VersionWrite, sort: readonly SortKey[], world: World): number {
  for (const key of sort) {
    const [x, y] = [a, b].map((one) => pick(valuesOf(one, key, world), key.descending));
    const order =
      x === undefined || y === undefined
        ? Number(x === undefined) - Number(y === undefined)
        : compareValue(x, y) * (key.descending ? -1 : 1);
    if (order !== 0) return order;
  }
  return compareText(a.id, b.id);
}

function pick(values: readonly Value[], greatest: boolean): Value | undefined {
  return [...values].sort(compareValue).at(greatest ? -1 : 0);
}

function valuesOf(resource: VersionWrite, value: SortValue, world: World): readonly Value[] {
  const entries = resource.index.filter(({ param }) => param === value.param);
  if (value.through) {
    return value.through.flatMap((target) =>
      world
        .resources(target.type)
        .filter(({ id }) =>
          entries.some(
            (entry) => entry.kind === 'reference' && entry.target === `${target.type}/${id}`,
          ),
        )
        .filter((other) => matches(other, target.within, { ...world, type: target.type }))
        .flatMap((other) => valuesOf(other as VersionWrite, target.value, world)),
    );
  }
  if (value.param === '_id') return [resource.id];
  if (value.param === '_lastUpdated') return [resource.lastUpdated];
  return entries.flatMap((entry) =>
    entry.kind === 'composite' || entry.kind === 'position' || entry.kind === 'text'
      ? []
      : [sortValue(entry)],
  );
}

function compareValue(a: Value, b: Value): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : compareText(a, b);
}
