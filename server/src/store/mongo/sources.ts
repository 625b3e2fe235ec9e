import type { Collection, Document } from 'mongodb';
import type { Collections } from './collections.ts';
import type { ResourceDocument } from './documents.ts';

/** The field that holds `Type/id`. */
export type NameField = '_id' | 'resource';

/** A collection with resources, of which no other one has the same at that moment. */
export interface Source {
  readonly collection: Collection<ResourceDocument>;
  readonly name: NameField;
  /** Selects what was current and not deleted at the moment. */
  readonly shown: Document;
}

/** Tells where to look for what was current as of a commit; undefined: for what is current. */
export function sourcesOf(
  { resources, versions }: Pick<Collections, 'resources' | 'versions'>,
  at: number | undefined,
): readonly Source[] {
  if (at === undefined) {
    return [{ collection: resources, name: '_id', shown: { deleted: false } }];
  }
  const shown = { deleted: false, seq: { $lte: at } };
  return [
    { collection: resources, name: '_id', shown },
    {
      // Whatever has `until` has all that a resource has.
      collection: versions as unknown as Collection<ResourceDocument>,
      name: 'resource',
      shown: { ...shown, until: { $gt: at } },
    },
  ];
}
