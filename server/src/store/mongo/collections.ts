import type { Collection, CollectionOptions, Db } from 'mongodb';
import type { LeafKind } from '@chartseal/evidence';
import type { Milestone, LogEnd } from '../milestones.ts';
import { BY_PATIENT } from './concerned-patients.ts';
import type { ResourceDocument, VersionDocument } from './documents.ts';

/** `_id` is the leaf's id, `seq` its place in the queue, from 1. */
export interface LeafDocument {
  readonly _id: string;
  readonly seq: number;
  readonly kind: LeafKind;
  readonly subject?: string;
  /** The subject again, for accesses only, and the place in the subject's chain. */
  readonly access?: string;
  readonly chain?: number;
  /** Numbers those that servers of earlier versions gave a place that was taken, from 1. */
  readonly fork?: number;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly salt: Uint8Array;
  readonly content?: Uint8Array;
  /** Present until a batch takes it, and again after a batch without effect. */
  readonly queued?: true;
  /** Transaction of the batch that has it. */
  readonly batch?: string;
}

/** `_id` is the transaction. Position of a leaf: `firstIndex` and its place in `leaves`. */
export interface BatchDocument {
  readonly _id: string;
  readonly firstIndex: number;
  readonly leaves: readonly string[];
  /** Hashes of the leaves, concatenated in their order. */
  readonly hashes: Uint8Array;
  readonly end: number;
  /** Present while it is under way: a unique index allows one. */
  readonly underWay?: true;
  readonly signed?: Uint8Array;
  readonly size?: number;
}

export interface RecordDocument {
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the records that wrote it; absent in what earlier versions wrote. */
  readonly revision?: number;
}

/** `_id` "store": what there is one of. `_id` "probe": written to see that writing is possible. */
export interface MetaDocument {
  readonly _id: string;
  readonly schema: number;
  /** Seals page tokens. */
  readonly pageKey: Uint8Array;
  /** Leaves queued so far, and leaves anchored so far. */
  readonly leaves: number;
  readonly anchored: number;
  /** Place of the newest version, and of the oldest one as of which can be searched. */
  readonly seq: number;
  readonly horizon: number;
  readonly probe: number;
  /** Number of groups of sets that changed records, since there is such a number. */
  readonly revision?: number;
  readonly log: LogEndDocument;
}

/** The end of the log, as databases have it: of earlier versions too, which called a milestone a landmark. */
export interface LogEndDocument extends Omit<LogEnd, 'milestone'> {
  readonly landmark: number;
}

/** `_id` is the place. */
export interface MilestoneDocument extends Omit<Milestone, 'place'> {
  readonly _id: number;
}

export interface Collections {
  readonly resources: Collection<ResourceDocument>;
  readonly versions: Collection<VersionDocument>;
  readonly records: Collection<RecordDocument>;
  readonly leaves: Collection<LeafDocument>;
  readonly batches: Collection<BatchDocument>;
  readonly meta: Collection<MetaDocument>;
  readonly milestones: Collection<MilestoneDocument>;
}

/** @param options of all reads, where they are not those of the client */
export function collectionsOf(db: Db, options: CollectionOptions = {}): Collections {
  return {
    resources: db.collection('resources', options),
    versions: db.collection('versions', options),
    records: db.collection('records', options),
    leaves: db.collection('leaves', options),
    batches: db.collection('batches', options),
    meta: db.collection('meta', options),
    // The name that databases of earlier versions have.
    milestones: db.collection('landmarks', options),
  };
}

/** Index of what was replaced, by when. */
export const BY_END = { type: 1, until: 1 } as const;

/** Index of what is current, by the time of its writing: mostly as it lies in the database. */
export const BY_TIME = { type: 1, deleted: 1, lastUpdated: -1, _id: 1 } as const;

/** Index of what is current, by name. */
export const BY_NAME = { type: 1, deleted: 1, _id: 1 } as const;

/** Indexes of values in the order from the least. */
export const RISING_ENTRIES = {
  e: { 'e.p': 1, 'e.v': 1, 'e.w': 1 },
  r: { 'r.p': 1, 'r.l': 1, 'r.h': 1 },
} as const;

/** The same of numbers, from the greatest: MongoDB gives no order of what stands in arrays, and so reads no index of it backwards. */
export const FALLING_ENTRIES = { 'r.p': 1, 'r.l': -1, 'r.h': -1 } as const;

/** Index of accesses in the chains of their subjects. */
const IN_CHAIN = { access: 1, chain: 1, fork: 1 } as const;

/** Holds for every resource. MongoDB tries no index by itself that is kept under a condition of which a search says nothing. */
export const EVERY_ONE = { seq: { $gte: 0 } } as const;

/** Makes the indexes, which makes the collections too: a transaction need not. */
export async function ensureIndexes(found: Collections): Promise<void> {
  await found.resources.createIndexes([
    { key: RISING_ENTRIES.e },
    { key: RISING_ENTRIES.r },
    { key: FALLING_ENTRIES, partialFilterExpression: EVERY_ONE },
    { key: { 'r.p': 1, 'r.h': 1, 'r.l': 1 } },
    // A composite that R4 defines begins with a token: its code and the next part's first value narrow.
    { key: { 'c.p': 1, 'c.a1': 1, 'c.a2': 1 }, sparse: true },
    { key: { 'g.p': 1, 'g.x': 1 }, sparse: true },
    { key: { t: 1 }, sparse: true },
    // These are of what resources contain; most contain nothing.
    { key: { 'i.e.p': 1, 'i.e.v': 1, 'i.e.w': 1 }, sparse: true },
    { key: { 'i.r.p': 1, 'i.r.l': 1, 'i.r.h': 1 }, sparse: true },
    { key: { 'i.c.p': 1, 'i.c.a1': 1, 'i.c.a2': 1 }, sparse: true },
    { key: { 'i.d': 1 }, sparse: true },
    { key: BY_TIME },
    { key: BY_NAME },
    { key: BY_PATIENT },
  ]);
  await found.versions.createIndexes([
    { key: { resource: 1, version: -1 }, unique: true },
    { key: { until: 1 }, partialFilterExpression: { until: { $exists: true } } },
    { key: BY_END, partialFilterExpression: { until: { $exists: true } } },
  ]);
  for (const each of [found.resources, found.versions]) {
    await each.createIndexes([
      { key: { seq: -1 } },
      { key: { type: 1, seq: -1 } },
      { key: { patients: 1, seq: -1 } },
    ]);
  }
  await found.records.createIndexes([
    { key: { collection: 1, key: 1 }, unique: true },
    { key: { collection: 1, revision: 1 } },
  ]);
  await found.leaves.createIndexes([
    { key: { seq: 1 }, unique: true },
    { key: { queued: 1, seq: 1 }, partialFilterExpression: { queued: true } },
    { key: IN_CHAIN, unique: true, partialFilterExpression: { chain: { $exists: true } } },
  ]);
  await found.batches.createIndexes([
    { key: { underWay: 1 }, unique: true, partialFilterExpression: { underWay: true } },
    { key: { end: -1 } },
  ]);
  await found.meta.createIndexes([{ key: { schema: 1 } }]);
  await found.milestones.createIndexes([
    { key: { reach: 1, _id: 1 } },
    { key: { floor: 1, _id: 1 } },
  ]);
}
