import { createHash } from 'node:crypto';
import type { R4 } from '../../../server/src/r4/r4.ts';
import type { IndexEntry } from '../../../server/src/search/query.ts';
import type {
  LeafWrite,
  ResourceStore,
  VersionWrite,
} from '../../../server/src/store/resource-store.ts';
import { multiplied, otherNames } from './multiplied-records.ts';
import type { Multiplied, Template, Templates } from './multiplied-records.ts';

/** A resource of which searches can be made. */
export interface Sample {
  readonly type: string;
  readonly id: string;
  readonly index: readonly IndexEntry[];
}

/** Holds what the store is told of a resource besides its text. */
interface Indexed {
  readonly id: string;
  readonly patients: readonly string[];
  readonly index: readonly IndexEntry[];
  readonly inside: NonNullable<VersionWrite['inside']>;
}

/** Versions in one atomic write, and writes under way at once. */
const IN_ONE_SET = 250;
const SETS = 4;

/** Fills an empty store with so many resources, as fast as it takes them; gives samples of each type. */
export async function load(
  store: Pick<ResourceStore, 'write'>,
  r4: R4,
  {
    templates,
    resources,
    progress,
  }: {
    readonly templates: Templates;
    readonly resources: number;
    readonly progress: (done: number) => void;
  },
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Samples();
  const index = indexer(r4);
  let versions: VersionWrite[] = [];
  const under: Promise<void>[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    under.push(store.write({ versions, leaves: versions.map(({ leaf }) => leafOf(leaf)) }));
    versions = [];
    if (under.length >= SETS) await under.shift();
  };
  for (const one of multiplied(templates, resources)) {
    const version = versionOf(one, index(one), done);
    samples.offer(version);
    versions.push(version);
    done += 1;
    if (versions.length >= IN_ONE_SET) await flush();
    if (done % 10_000 === 0) progress(done);
  }
  await flush();
  await Promise.all(under);
  return samples.kept;
}

/** So many of each type, from all copies. */
class Samples {
  readonly kept = new Map<string, Sample[]>();
  readonly #counts = new Map<string, number>();
  readonly #most = 400;

  offer({ type, id, index }: Sample): void {
    const count = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, count);
    const kept = this.kept.get(type) ?? [];
    this.kept.set(type, kept);
    // As if each had the same chance, but the same ones in every run.
    const place = kept.length < this.#most ? kept.length : Math.imul(count, 2654435761) >>> 0;
    const at = kept.length < this.#most ? place : place % count;
    if (at < this.#most) kept[at] = { type, id, index };
  }
}

/** Templates are indexed by the server's own code; of copies only the texts in their entries change. */
function indexer(r4: R4): (one: Multiplied) => Indexed {
  const known = new Map<Template, Indexed>();
  return ({ template, renamed }) => {
    const ready = known.get(template) ?? indexed(r4, template.text);
    known.set(template, ready);
    if (renamed === undefined) return ready;
    if (template.type === 'Patient') return indexed(r4, otherNames(renamed(template.text)));
    return {
      id: renamed(ready.id),
      patients: ready.patients.map(renamed).sort(),
      index: ready.index.map((entry) => renamedEntry(entry, renamed)),
      inside: ready.inside.map((one) => renamedEntry(one, renamed)),
    };
  };
}

function indexed(r4: R4, text: string): Indexed {
  const resource = JSON.parse(text) as { readonly id: string };
  return {
    id: resource.id,
    patients: r4.patientsOf(resource),
    index: r4.indexEntries(resource),
    inside: r4.containedIndex(resource),
  };
}

function renamedEntry<T>(entry: T, renamed: (text: string) => string): T {
  if (typeof entry === 'string') return renamed(entry) as T;
  if (Array.isArray(entry)) return entry.map((item: unknown) => renamedEntry(item, renamed)) as T;
  if (typeof entry !== 'object' || entry === null) return entry;
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entry)) changed[name] = renamedEntry(value, renamed);
  return changed as T;
}

function versionOf(
  { template, renamed }: Multiplied,
  { id, patients, index, inside }: Indexed,
  number: number,
): VersionWrite {
  const { type } = template;
  const text = renamed === undefined ? template.text : renamed(template.text);
  return {
    type,
    id,
    version: 1,
    deleted: false,
    lastUpdated: Date.UTC(2024, 0, 1) + number,
    method: 'PUT',
    body: Buffer.from(type === 'Patient' && renamed !== undefined ? otherNames(text) : text),
    patients,
    leaf: `${type}/${id}/1`,
    index,
    ...(inside.length > 0 && { inside }),
  };
}

function leafOf(id: string): LeafWrite {
  const bytes = Buffer.from(id);
  const hash = createHash('sha256').update(bytes).digest();
  return { id, kind: 'version', bytes, hash, salt: hash };
}
