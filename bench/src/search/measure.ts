import { throughEveryLink } from '../../../conformance/search/through-every-link.ts';
import type { R4 } from '../../../server/src/fhir/r4.ts';
import type { ResourceStore } from '../../../server/src/store/resource-store.ts';
import type { Sample } from './load.ts';
import { searchFor } from './random-search.ts';
import { usCoreSearches } from './us-core-searches.ts';

export interface Timing {
  readonly name: string;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Measured {
  /** One current version by its id, in milliseconds: what the others are compared with. */
  readonly read: Timing;
  /** All searches together. */
  readonly all: Timing;
  readonly searches: readonly Timing[];
}

const BASE = 'http://127.0.0.1:8080/fhir';

/** Each search so many times, with other values each time; one after the other, parsing left out. */
export async function measure(
  store: ResourceStore,
  r4: R4,
  {
    samples,
    times,
  }: { readonly samples: ReadonlyMap<string, readonly Sample[]>; readonly times: number },
): Promise<Measured> {
  const searches: Timing[] = [];
  const everything: number[] = [];
  for (const [type, ...parameters] of usCoreSearches) {
    const taken: number[] = [];
    for (const pairs of valuesOf(samples.get(type) ?? [], parameters, times)) {
      const { query } = r4.parseSearch(type, pairs, { handling: 'strict', base: BASE });
      const asked = throughEveryLink(query);
      taken.push(await timed(() => store.search(asked)));
    }
    // The first finds nothing in any cache.
    const warm = taken.slice(1);
    if (warm.length === 0) continue;
    everything.push(...warm);
    searches.push(timing(`${type}?${parameters.join('&')}`, warm));
  }
  const reads: number[] = [];
  for (const { type, id } of [...samples.values()].flat())
    reads.push(await timed(() => store.current(type, id)));
  return { read: timing('read', reads.slice(1)), all: timing('all', everything), searches };
}

function valuesOf(
  samples: readonly Sample[],
  parameters: readonly string[],
  times: number,
): (readonly (readonly [string, string])[])[] {
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
  return { name, samples: sorted.length, p50: at(0.5), p99: at(0.99) };
}
