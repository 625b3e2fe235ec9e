import type { ConsentSet } from '@chartseal/chaincode';
import type { DisclosureItem } from './disclosure-group.ts';

/** Something that waits for a decision; its item is made anew when its consents were stale. */
export interface InLine {
  readonly item: DisclosureItem;
  readonly abandoned: boolean;
}

/** Bounds of one group. */
export interface GroupBounds {
  readonly groupSize: number;
  /** Bytes of consents that are opened for a group; a patient's are counted once, and one item may have more. */
  readonly groupBytes: number;
}

/**
 * Items that wait for a transaction, a line for each caller. Groups are filled by turns, so that nobody waits for all
 * that another caller has asked, and consents of much text do not fill a group that others wait for.
 */
export class WaitingLine<T extends InLine> {
  /** Lines in the order of their turns; none is empty. */
  readonly #lines = new Map<string, T[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Items that the caller of this one has in line. */
  ofCaller(item: DisclosureItem): number {
    return this.#lines.get(callerIn(item))?.length ?? 0;
  }

  push(waiting: readonly T[]): void {
    for (const each of waiting) this.#lineOf(each).push(each);
    this.#length += waiting.length;
  }

  /** Puts items back, before others of their callers. */
  unshift(waiting: readonly T[]): void {
    for (const each of waiting.toReversed()) this.#lineOf(each).unshift(each);
    this.#length += waiting.length;
  }

  /** Takes out whatever was abandoned. */
  sweep(): void {
    this.#length = 0;
    for (const [caller, line] of [...this.#lines]) {
      const left = line.filter(({ abandoned }) => !abandoned);
      if (left.length > 0) this.#lines.set(caller, left);
      else this.#lines.delete(caller);
      this.#length += left.length;
    }
  }

  /** The next group: at least one item, one of each caller in turn while there is room. */
  take({ groupSize, groupBytes }: GroupBounds): readonly T[] {
    const group: T[] = [];
    const opened = new Set<string>();
    let bytes = 0;
    for (let before = -1; before < group.length;) {
      before = group.length;
      for (const [caller, line] of [...this.#lines]) {
        const [first] = line;
        if (first === undefined || group.length === groupSize) break;
        const more = opened.has(first.item.subject) ? 0 : bytesOf(first.item);
        if (group.length > 0 && bytes + more > groupBytes) continue;
        group.push(first);
        opened.add(first.item.subject);
        bytes += more;
        line.shift();
        // Whoever had a turn stands behind the others.
        this.#lines.delete(caller);
        if (line.length > 0) this.#lines.set(caller, line);
      }
    }
    this.#length -= group.length;
    return group;
  }

  #lineOf({ item }: T): T[] {
    const caller = callerIn(item);
    const line = this.#lines.get(caller) ?? [];
    this.#lines.set(caller, line);
    return line;
  }
}

function callerIn({ request: { actor } }: DisclosureItem): string {
  return JSON.stringify([actor.msp, actor.client, actor.practitioner, actor.patient]);
}

/** Sets are replaced, never changed, so that each is measured once. */
const measured = new WeakMap<ConsentSet, number>();

function bytesOf({ opened }: DisclosureItem): number {
  if (opened === undefined) return 0;
  const known = measured.get(opened.set);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(JSON.stringify(opened.set));
  measured.set(opened.set, bytes);
  return bytes;
}
