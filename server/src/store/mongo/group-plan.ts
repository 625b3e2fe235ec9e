import { extendLog, type Extension, type LogEnd } from '../milestones.ts';
import { StoreConflict } from '../errors.ts';
import type { AccessWrite, ChainHead, LeafWrite } from '../leaf-queue.ts';
import type { RecordWrite } from '../record-store.ts';
import type { VersionWrite } from '../version-store.ts';
import type { WriteSet } from '../store.ts';
import { resourceDocument, resourceKey, supersededDocument } from './documents.ts';
import type { ResourceDocument, VersionDocument } from './documents.ts';
import type { RecordDocument } from './collections.ts';
import type { PlacedLeaf } from './leaf-documents.ts';

/** Holds what is stored of everything the group's sets look at. */
export interface Stored {
  readonly resources: Map<string, ResourceDocument>;
  /** Place of the newest version of all. */
  readonly seq: number;
  readonly log: LogEnd;
  readonly leaves: Set<string>;
  /** Ends of the chains that the sets add to. */
  readonly heads: Map<string, ChainHead>;
  readonly records: RecordDocument[];
}

export interface RecordChange {
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

interface Succession {
  readonly resources: ReadonlyMap<string, ResourceDocument>;
  readonly superseded: readonly VersionDocument[];
  readonly log: readonly Logged[];
}

/** A version in the order of the commits. */
interface Logged {
  readonly place: number;
  readonly lastUpdated: number;
}

/**
 * Judges the sets of a group one after the other, each against what is stored and what the sets before it made of that,
 * and gathers what then is to be written.
 */
export class GroupPlan {
  readonly leaves: PlacedLeaf[] = [];
  readonly superseded: VersionDocument[] = [];
  readonly #stored: ReadonlyMap<string, ResourceDocument>;
  readonly #resources = new Map<string, ResourceDocument>();
  readonly #written: Logged[] = [];
  readonly #log: LogEnd;
  #seq: number;
  readonly #leafIds: Set<string>;
  /** Ends of chains, these accesses included. */
  readonly heads: Map<string, ChainHead>;
  readonly #storedRecords: ReadonlyMap<string, Uint8Array>;
  readonly #changes = new Map<string, RecordChange>();

  constructor(stored: Stored) {
    this.#stored = stored.resources;
    this.#seq = stored.seq;
    this.#log = stored.log;
    this.#leafIds = stored.leaves;
    this.heads = stored.heads;
    this.#storedRecords = new Map(
      stored.records.map((record) => [recordName(record), record.value]),
    );
  }

  /** Takes the set whole, or returns why it cannot be. */
  add(set: WriteSet): StoreConflict | undefined {
    const succession = this.#succession(set.versions ?? []);
    if (!succession) return new StoreConflict('Another version of the resource was written first');
    const leafIds = this.#freshLeaves([...(set.leaves ?? []), ...(set.accesses ?? [])]);
    if (!leafIds) return new StoreConflict('A leaf of that identity is stored already');
    const changes = this.#changed(set.records ?? []);
    if (!changes) return new StoreConflict('A record is not what the writer saw');
    for (const [key, version] of succession.resources) this.#resources.set(key, version);
    for (const id of leafIds) this.#leafIds.add(id);
    for (const [name, change] of changes) this.#changes.set(name, change);
    this.superseded.push(...succession.superseded);
    this.#written.push(...succession.log);
    this.#seq += set.versions?.length ?? 0;
    this.leaves.push(
      ...(set.leaves ?? []),
      ...(set.accesses ?? []).map((one) => this.#placed(one)),
    );
    return undefined;
  }

  /** The access at the end of its chain, which is one longer from now on. */
  #placed({ following, ...access }: AccessWrite): PlacedLeaf {
    const last = this.heads.get(access.subject);
    const leaf = following(last);
    const chain = last === undefined ? 0 : last.seq + 1;
    this.heads.set(access.subject, { seq: chain, hash: leaf.hash });
    return { ...access, ...leaf, chain };
  }

  /** Place of the newest version of all, these included. */
  get seq(): number {
    return this.#seq;
  }

  /** Returns what becomes of the milestones. */
  extension(): Extension {
    return extendLog(this.#log, this.#written);
  }

  #succession(versions: readonly VersionWrite[]): Succession | undefined {
    const resources = new Map<string, ResourceDocument>();
    const superseded: VersionDocument[] = [];
    const log: Logged[] = [];
    for (const [i, version] of versions.entries()) {
      const key = resourceKey(version.type, version.id);
      const current = resources.get(key) ?? this.#resources.get(key) ?? this.#stored.get(key);
      if (version.version !== (current?.version ?? 0) + 1) return undefined;
      const next = resourceDocument(version, this.#seq + 1 + i);
      if (current) superseded.push(supersededDocument(current, next));
      resources.set(key, next);
      log.push({ place: next.seq, lastUpdated: next.lastUpdated });
    }
    return { resources, superseded, log };
  }

  #freshLeaves(leaves: readonly Pick<LeafWrite, 'id'>[]): ReadonlySet<string> | undefined {
    const ids = new Set(leaves.map(({ id }) => id));
    const taken = leaves.some(({ id }) => this.#leafIds.has(id));
    return taken || ids.size < leaves.length ? undefined : ids;
  }

  #changed(records: readonly RecordWrite[]): ReadonlyMap<string, RecordChange> | undefined {
    const changes = new Map<string, RecordChange>();
    for (const record of records) {
      const name = recordName(record);
      const change = changes.get(name) ?? this.#changes.get(name);
      const now = change ? change.value : this.#storedRecords.get(name);
      if (record.expected !== undefined && !sameBytes(now, record.expected ?? undefined))
        return undefined;
      changes.set(name, { collection: record.collection, key: record.key, value: record.value });
    }
    return changes;
  }

  created(): readonly ResourceDocument[] {
    return [...this.#resources].flatMap(([key, document]) =>
      this.#stored.has(key) ? [] : [document],
    );
  }

  /** With the version each replaces. */
  replaced(): readonly { readonly was: number; readonly document: ResourceDocument }[] {
    return [...this.#resources].flatMap(([key, document]) => {
      const was = this.#stored.get(key)?.version;
      return was === undefined ? [] : [{ was, document }];
    });
  }

  changes(): readonly RecordChange[] {
    return [...this.#changes.values()];
  }
}

function recordName(record: { readonly collection: string; readonly key: string }): string {
  return JSON.stringify([record.collection, record.key]);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}
