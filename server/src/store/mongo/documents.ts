import type { ContainedIndex } from '../../search/query.ts';
import type { StoredVersion, VersionWrite } from '../resource-store.ts';
import { entryFields, unlessEmpty, wordEntries } from './entries.ts';
import type { EntryFields } from './entries.ts';

export interface VersionFields {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly lastUpdated: number;
  readonly method: StoredVersion['method'];
  readonly body: Uint8Array;
  readonly patients: readonly string[];
  readonly leaf: string;
  /** Place in the order in which versions were committed, from 1. */
  readonly seq: number;
}

/** Holds what a version adds to the index. */
export interface IndexFields extends EntryFields {
  /** Patients it concerns, or `noPatient`, and patients it refers to. */
  readonly o?: readonly string[];
  /** Each word of each text once. */
  readonly t?: readonly string[];
  /** The texts: their words between blanks. */
  readonly x?: readonly { readonly p: string; readonly v: string }[];
  /** Holds what it contains, in its order. */
  readonly i?: readonly InsideDocument[];
}

/** One contained resource: `d` is `Type/id`, with its local id, and `n` its place. */
export interface InsideDocument extends EntryFields {
  readonly d: string;
  readonly n: number;
}

/** Says what they are called. */
export const indexFields = [
  'e',
  'r',
  'o',
  'c',
  'g',
  't',
  'x',
  'i',
] as const satisfies readonly (keyof IndexFields)[];

/** A projection: everything else. */
export const withoutIndex: Readonly<Record<string, 0>> = Object.fromEntries(
  indexFields.map((field) => [field, 0]),
);

/** Collection `resources`: the current version of each, with its index. `_id` is `Type/id`. */
export interface ResourceDocument extends VersionFields, IndexFields {
  readonly _id: string;
}

/**
 * Collection `versions`: what was replaced. `_id` is `Type/id/version`, `resource` is `Type/id`. As long as pages of earlier
 * searches may show it, it keeps its index, and `until` is the place of the version that replaced it.
 */
export interface VersionDocument extends VersionFields, Partial<IndexFields> {
  readonly _id: string;
  readonly resource: string;
  readonly until?: number;
  /** When it was replaced, in ms since the epoch. */
  readonly ended: number;
}

/** Stands among the patients of the index for a resource that concerns none. */
export const noPatient = '';

export function resourceKey(type: string, id: string): string {
  return `${type}/${id}`;
}

export function resourceDocument(version: VersionWrite, seq: number): ResourceDocument {
  const { type, id } = version;
  const index = version.deleted ? [] : version.index;
  return {
    _id: resourceKey(type, id),
    ...versionFields(version),
    seq,
    ...entryFields(type, index),
    ...unlessEmpty('o', version.deleted ? [] : concernedPatients(version)),
    ...unlessEmpty('t', [...new Set(index.flatMap((entry) => wordEntries(type, entry)))]),
    ...unlessEmpty(
      'x',
      index.flatMap((entry) =>
        entry.kind === 'text' ? [{ p: entry.param, v: ` ${entry.words} ` }] : [],
      ),
    ),
    ...unlessEmpty('i', version.deleted ? [] : (version.inside ?? []).map(insideDocument)),
  };
}

function insideDocument({ type, id, place, index }: ContainedIndex): InsideDocument {
  return { d: resourceKey(type, id), n: place, ...entryFields(type, index) };
}

function concernedPatients({ patients, index }: VersionWrite): readonly string[] {
  const referred = index.flatMap((entry) =>
    entry.kind === 'reference' ? (patientNamed(entry.target) ?? []) : [],
  );
  return [...new Set([...(patients.length === 0 ? [noPatient] : patients), ...referred])];
}

/** The id of the patient that a reference leads to. */
export function patientNamed(target: string): string | undefined {
  return /^Patient\/([^/]+)$/.exec(target)?.[1];
}

function versionFields(version: StoredVersion): StoredVersion {
  const { type, id, deleted, lastUpdated, method, body, patients, leaf } = version;
  return { type, id, version: version.version, deleted, lastUpdated, method, body, patients, leaf };
}

export function supersededDocument(
  current: ResourceDocument,
  by: Pick<VersionFields, 'seq' | 'lastUpdated'>,
): VersionDocument {
  const { _id: resource, ...rest } = current;
  const _id = `${resource}/${current.version}`;
  return { _id, resource, ...rest, until: by.seq, ended: by.lastUpdated };
}

export function storedVersion(document: VersionFields): StoredVersion {
  return versionFields(document);
}
