import { decodeDetail } from '../../audit/access-detail.ts';
import type { LeafQueue, StoredLeaf } from '../../store/leaf-queue.ts';
import type { AskedPart } from './asked-part.ts';

/** Entries that are read at once. */
const SLICE = 500;

/** A part of an access log, oldest first. */
export interface Entries {
  readonly leaves: readonly StoredLeaf[];
  /** Position in the log from which the next page goes on, if there is one. */
  readonly next: number | undefined;
}

/** Selects what is asked for of a subject's log, from a position on and up to `head`, which is the end of the log shown. */
export async function selectEntries(
  leaves: Pick<LeafQueue, 'accesses'>,
  log: { readonly subject: string; readonly head: string; readonly from: number },
  { count = Infinity, isAskedFor }: Pick<AskedPart, 'count' | 'isAskedFor'>,
): Promise<Entries> {
  const found: StoredLeaf[] = [];
  let position = log.from;
  for (;;) {
    const slice = await leaves.accesses(log.subject, { from: position, count: SLICE });
    for (const leaf of slice) {
      if (isAskedFor(decodeDetail(leaf.content ?? new Uint8Array()))) {
        if (found.length === count) return { leaves: found, next: position };
        found.push(leaf);
      }
      position += 1;
      if (leaf.id === log.head) return { leaves: found, next: undefined };
    }
    if (slice.length < SLICE) return { leaves: found, next: undefined };
  }
}
