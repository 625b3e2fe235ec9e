import type { AnyBulkWriteOperation } from 'mongodb';
import type { VersionWrite } from '../version-store.ts';
import { INDEX_FIELDS, resourceDocument, resourceKey } from './documents.ts';
import type { ResourceDocument } from './documents.ts';

/** Replaces what a version adds to the index, if it is still current. */
export function reindexOperation(version: VersionWrite): AnyBulkWriteOperation<ResourceDocument> {
  const document = resourceDocument(version, 0);
  const there = INDEX_FIELDS.filter((field) => document[field] !== undefined);
  const absent = INDEX_FIELDS.filter((field) => document[field] === undefined);
  return {
    updateOne: {
      filter: {
        _id: { $eq: resourceKey(version.type, version.id) },
        version: { $eq: version.version },
        deleted: false,
      },
      update: {
        $set: Object.fromEntries(there.map((field) => [field, document[field]])),
        ...(absent.length > 0 && {
          $unset: Object.fromEntries(absent.map((field) => [field, 1 as const])),
        }),
      },
    },
  };
}
