import { createHash } from 'node:crypto';
import type { R4 } from '../../../server/src/fhir/r4.ts';
import type { IndexEntry } from '../../../server/src/search/query.ts';
import type {
  LeafWrite,
  ResourceStore,
  VersionWrite,
} from '../../../server/src/store/resource-store.ts';
import { multipliedRecords } from './multiplied-records.ts';

/** A resource of which searches can be made. */
export interface Sample {
  readonly type: string;
  readonly id: string;
  readonly index: readonly IndexEntry[];
}

/** Versions in one atomic write, and writes under way at once. */
const IN_ONE_SET = 250;
const SETS = 4;
const SAMPLES = 400;

/** Fills an empty store with so many resources, as fast as it takes them; gives samples of each type. */
export async function load(
  store: ResourceStore,
  r4: R4,
  {
    resources,
    progress,
  }: { readonly resources: number; readonly progress: (done: number) => void },
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>();
  const counts = new Map<string, number>();
  let versions: VersionWrite[] = [];
  let leaves: LeafWrite[] = [];
  const under: Promise<void>[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    under.push(store.write({ versions, leaves }));
    [versions, leaves] = [[], []];
    if (under.length >= SETS) await under.shift();
  };
  for await (const text of multipliedRecords(resources)) {
    const version = versionOf(r4, text, done);
    keep(version, samples, counts);
    versions.push(version);
    leaves.push(leafOf(version.leaf));
    done += 1;
    if (versions.length >= IN_ONE_SET) await flush();
    if (done % 10_000 === 0) progress(done);
  }
  await flush();
  await Promise.all(under);
  return samples;
}

/** Every so many of a type, so that all copies are among them. */
function keep(
  version: VersionWrite,
  samples: Map<string, Sample[]>,
  counts: Map<string, number>,
): void {
  const { type, id, index } = version;
  const count = (counts.get(type) ?? 0) + 1;
  counts.set(type, count);
  const kept = samples.get(type) ?? [];
  samples.set(type, kept);
  // A multiplier that is odd spreads places over the samples that are kept.
  const place = kept.length < SAMPLES ? kept.length : (count * 7919) % (SAMPLES * 8);
  if (place < SAMPLES) kept[place] = { type, id, index };
}

function versionOf(r4: R4, text: string, number: number): VersionWrite {
  const resource = JSON.parse(text) as { readonly resourceType: string; readonly id: string };
  const { resourceType: type, id } = resource;
  return {
    type,
    id,
    version: 1,
    deleted: false,
    lastUpdated: Date.UTC(2024, 0, 1) + number,
    method: 'PUT',
    body: Buffer.from(text),
    patients: r4.patientsOf(resource),
    leaf: `${type}/${id}/1`,
    index: r4.indexEntries(resource),
  };
}

function leafOf(id: string): LeafWrite {
  const bytes = Buffer.from(id);
  const hash = createHash('sha256').update(bytes).digest();
  return { id, kind: 'version', bytes, hash, salt: hash };
}
