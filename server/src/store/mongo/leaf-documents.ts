import type { LeafWrite, StoredLeaf } from '../leaf-queue.ts';
import type { Collections, LeafDocument } from './collections.ts';

/** A leaf with its place in the chain of its subject, if it is an access. */
export type PlacedLeaf = LeafWrite & { readonly chain?: number };

export function leafDocument(leaf: PlacedLeaf, seq: number): LeafDocument {
  return {
    _id: leaf.id,
    seq,
    kind: leaf.kind,
    bytes: leaf.bytes,
    hash: leaf.hash,
    salt: leaf.salt,
    queued: true,
    ...(leaf.subject !== undefined && { subject: leaf.subject }),
    ...(leaf.chain !== undefined && { access: leaf.subject ?? '', chain: leaf.chain }),
    ...(leaf.content !== undefined && { content: leaf.content }),
  };
}

/** Adds position and anchor, which the batches know. */
export async function placed(
  { batches }: Pick<Collections, 'batches'>,
  leaves: readonly LeafDocument[],
): Promise<readonly StoredLeaf[]> {
  const names = [...new Set(leaves.flatMap(({ batch }) => batch ?? []))];
  const found = await batches
    .find({ _id: { $in: names } }, { projection: { firstIndex: 1, leaves: 1, size: 1 } })
    .toArray();
  const places = new Map(
    found.flatMap(({ _id, firstIndex, leaves: ids, size }) =>
      ids.map((id, offset) => [
        id,
        {
          index: firstIndex + offset,
          ...(size !== undefined && { anchored: { txId: _id, size } }),
        },
      ]),
    ),
  );
  return leaves.map(({ _id, kind, subject, bytes, hash, salt, content }) => ({
    id: _id,
    kind,
    bytes,
    hash,
    salt,
    ...(subject !== undefined && { subject }),
    ...(content !== undefined && { content }),
    ...places.get(_id),
  }));
}
