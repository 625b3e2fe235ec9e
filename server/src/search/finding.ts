import type { IndexEntry } from './query.ts';

/** Kinds of parameters that are backed by index entries. */
export type IndexedType =
  'token' | 'string' | 'date' | 'reference' | 'uri' | 'number' | 'quantity' | 'special';

/** Says where a value was found. */
export interface Finding {
  readonly param: string;
  readonly value: unknown;
  readonly baseUrl: string;
  /** Is the system of a code whose system stands elsewhere in the resource. */
  readonly system?: unknown;
}

export type Convert = (finding: Finding, emit: (entry: IndexEntry) => void) => void;
