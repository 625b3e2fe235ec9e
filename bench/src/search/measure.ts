import { throughEveryLink } from '../../../conformance/search/through-every-link.ts';
import type { R4 } from '../../../server/src/r4/r4.ts';
import type { ResourceStore } from '../../../server/src/store/resource-store.ts';
import type { Sample } from './load.ts';
import { searchFor } from './random-search.ts';
import { usCoreSearches } from './us-core-searches.ts';
import { wideSearches } from './wide-searches.ts';

export interface Timing {
  readonly name: string;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export interface Measured {
  /** One current version by its id, in milliseconds: what the others are compared with. */
  readonly read: Timing;
  /** All searches together, asked for the first time: how much of it is in the machine's memory is left to chance. */
  readonly first: Timing;
  /** All searches together, asked again after all others. */
  readonly all: Timing;
  readonly searches: readonly Timing[];
}

const BASE = 'http://127.0.0.1:8080/fhir';

/** A filled store, and what to make searches of. */
export interface Filled {
  readonly store: ResourceStore;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

type Pairs = readonly (readonly [string, string])[];

/** A search, and what is asked each time. */
export interface Kind {
  readonly type: string;
  readonly name: string;
  readonly asked: (samples: readonly Sample[], times: number) => readonly Pairs[];
}

/** Lists the kinds of US Core for which there are samples. */
export const usCoreKinds: readonly Kind[] = usCoreSearches.map(([type, ...parameters]) => ({
  type,
  name: `${type}?${parameters.join('&')}`,
  asked: (samples, times) => valuesOf(samples, parameters, times),
}));

/** The same again and again. */
export const wideKinds: readonly Kind[] = wideSearches.map((search) => {
  const [type = '', parameters = ''] = search.split('?');
  const name = search.length > 80 ? `${search.slice(0, 50)}…${search.slice(-15)}` : search;
  return {
    type,
    name,
    asked: (_, times) => Array.from({ length: times }, () => [...new URLSearchParams(parameters)]),
  };
});

interface Wanted {
  readonly times: number;
  readonly kinds: readonly Kind[];
}

/**
 * Each search so many times, with other values each time; one after the other, parsing left out; then all of it again.
 * Several stores are asked by turns, so that what else the machine does meanwhile happens to all of them alike.
 */
export async function measure(
  filled: readonly Filled[],
  r4: R4,
  wanted: Wanted,
): Promise<readonly Measured[]> {
  const first = await searchAll(filled, r4, wanted);
  const again = await searchAll(filled, r4, wanted);
  const reads = await byTurns(
    filled.map(({ store, samples }) =>
      [...samples.values()].flat().map(
        ({ type, id }) =>
          () =>
            store.current(type, id),
      ),
    ),
  );
  return again.map((searches, i) => ({
    read: timing('read', reads[i]?.slice(1) ?? []),
    first: timing('all, first', [...(first[i]?.values() ?? [])].flat()),
    all: timing('all, again', [...searches.values()].flat()),
    searches: [...searches]
      .filter(([, each]) => each.length > 0)
      .map(([name, each]) => timing(name, each)),
  }));
}

/** Milliseconds of every search by its name, store by store. */
async function searchAll(
  filled: readonly Filled[],
  r4: R4,
  { times, kinds }: Wanted,
): Promise<readonly ReadonlyMap<string, readonly number[]>[]> {
  const taken = filled.map(() => new Map<string, readonly number[]>());
  for (const { type, name, asked: askedOf } of kinds) {
    const searches = filled.map(({ store, samples }) =>
      askedOf(samples.get(type) ?? [], times).map((pairs) => {
        const { query } = r4.parseSearch(type, pairs, { handling: 'strict', base: BASE });
        const asked = throughEveryLink(query);
        return () => store.search(asked);
      }),
    );
    const timings = await byTurns(searches);
    // Before the first nothing of its kind is prepared.
    for (const [i, each] of timings.entries()) taken[i]?.set(name, each.slice(1));
  }
  return taken;
}

/** The first act of each, the second of each …; milliseconds by act. */
async function byTurns(
  acts: readonly (readonly (() => Promise<unknown>)[])[],
): Promise<number[][]> {
  const taken = acts.map((): number[] => []);
  for (let n = 0; n < Math.max(...acts.map(({ length }) => length)); n++) {
    for (const [i, own] of acts.entries()) {
      const act = own[n];
      if (act) taken[i]?.push(await timed(act));
    }
  }
  return taken;
}

function valuesOf(
  samples: readonly Sample[],
  parameters: readonly string[],
  times: number,
): readonly Pairs[] {
  const found = samples
    .map((sample) => searchFor(sample, parameters))
    .filter((pairs) => pairs !== undefined);
  const step = Math.max(1, Math.floor(found.length / times));
  return found.filter((_, i) => i % step === 0).slice(0, times);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

function timing(name: string, taken: readonly number[]): Timing {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { name, samples: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
}
