import type { ClientSession, Document } from 'mongodb';
import { maxTimeMS } from './guard.ts';
import type { Source } from './sources.ts';

export type Value = number | string;

/** Where reading has come to; undefined: nowhere yet. */
export type Reached = Value | undefined;

/** Resources in the order of one sort key. The conditions on them are exact. */
export interface Line {
  /** What stands at this value. */
  readonly at: (value: Value) => Document;
  /** What has a value strictly beyond `after` and, in the order of reading, before `before`. */
  readonly between: (after: Reached, before: Reached) => Document;
  readonly lacking: Document;
  /** Whether it is known without a look at each that nothing of the type lacks a value. */
  readonly complete: () => Promise<boolean>;
  /**
   * A value up to which, beyond `after`, at least `wanted` resources stand that match; undefined when there are fewer in all.
   * It is the nearest such value if an index is read in its own order, which nothing here relies on.
   */
  readonly stop: (match: Document, after: Reached, wanted: number) => Promise<Reached>;
}

/** How it is read. */
export interface LineReading {
  readonly source: Source;
  readonly session: ClientSession;
  /** From lesser to greater values. */
  readonly rising: boolean;
}

/** A range of values as operands of a comparison. */
export function stretch(rising: boolean, after: Reached, before: Reached): Document {
  const [beyond, ahead] = rising ? ['$gt', '$lt'] : ['$lt', '$gt'];
  return {
    ...(after !== undefined && { [beyond]: after }),
    ...(before !== undefined && { [ahead]: before }),
  };
}

/** The order of the times of writing. */
export function timeLine({ source, session, rising }: LineReading): Line {
  const between: Line['between'] = (after, before) =>
    after === undefined && before === undefined
      ? {}
      : { lastUpdated: stretch(rising, after, before) };
  return {
    at: (value) => ({ lastUpdated: { $eq: value } }),
    between,
    lacking: { _id: { $in: [] } },
    complete: () => Promise.resolve(true),
    stop: async (match, after, wanted) => {
      const [last] = await source.collection
        .find(
          { $and: [match, between(after, undefined)] },
          { session, maxTimeMS, projection: { _id: 0, lastUpdated: 1 } },
        )
        // As one of the indexes has it, from one of its ends.
        .sort(rising ? { lastUpdated: 1, _id: -1 } : { lastUpdated: -1, _id: 1 })
        .skip(wanted - 1)
        .limit(1)
        .toArray();
      return last?.lastUpdated;
    },
  };
}
