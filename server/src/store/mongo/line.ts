import type { ClientSession, Document } from 'mongodb';
import { maxTimeMS } from './guard.ts';
import type { Source } from './sources.ts';

export type Value = number | string;

/** Says where reading has come to; undefined: nowhere yet. */
export type Reached = Value | undefined;

/** Is what has a value strictly beyond `after` and, in the order of reading, before `before`. */
export interface Range {
  readonly after: Reached;
  readonly before: Reached;
}

const everything: Range = { after: undefined, before: undefined };

/** Resources in the order of one sort key. The conditions on them are exact. */
export interface Line {
  /** Finds what stands at this value. */
  readonly at: (value: Value) => Document;
  readonly between: (range: Range) => Document;
  readonly lacking: Document;
  /** Tells whether it is known without a look at each that nothing of the type lacks a value. */
  readonly complete: () => Promise<boolean>;
  /** Names of all in a range that match; undefined when they are more than `most`. */
  readonly names: (
    match: Document,
    range: Range,
    most: number,
  ) => Promise<readonly string[] | undefined>;
  /**
   * A value beyond `after` at which something stands that matches; undefined when in all fewer than `wanted` stand beyond it.
   * Up to it stand as many as wanted, and few more, if an index is read in its own order; nothing here relies on that.
   */
  readonly stop: (match: Document, after: Reached, wanted: number) => Promise<Reached>;
  /** MongoDB's plan for that, which is not of the moment of a session. */
  readonly plan: (match: Document) => Promise<Document>;
}

/** Says how it is read. */
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
  const between = ({ after, before }: Range): Document =>
    after === undefined && before === undefined
      ? {}
      : { lastUpdated: stretch(rising, after, before) };
  const along = (match: Document, range: Range, within?: ClientSession) =>
    source.collection
      .find(
        { $and: [match, between(range)] },
        {
          maxTimeMS,
          projection: { _id: 1, lastUpdated: 1 },
          ...(within && { session: within }),
        },
      )
      // As one of the indexes has it, from one of its ends.
      .sort(rising ? { lastUpdated: 1, _id: -1 } : { lastUpdated: -1, _id: 1 });
  return {
    at: (value) => ({ lastUpdated: { $eq: value } }),
    between,
    lacking: { _id: { $in: [] } },
    complete: () => Promise.resolve(true),
    names: async (match, range, most) => {
      const found = await along(match, range, session)
        .limit(most + 1)
        .toArray();
      return found.length > most ? undefined : found.map(({ _id }) => _id);
    },
    stop: async (match, after, wanted) => {
      const [last] = await along(match, { after, before: undefined }, session)
        .skip(wanted - 1)
        .limit(1)
        .toArray();
      return last?.lastUpdated;
    },
    plan: (match) => along(match, everything).explain('queryPlanner'),
  };
}
