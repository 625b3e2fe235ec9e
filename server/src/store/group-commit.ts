import type { WriteSet } from './store.ts';

/** A write set whose caller waits. Exactly one of the two functions is called, once. */
export interface PendingSet {
  readonly set: WriteSet;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds one group, so that one transaction neither blocks the process nor outgrows the store's limits. */
const GROUP_WEIGHT = 2_000;
const BYTES_PER_UNIT = 4_096;

/**
 * Lets concurrent writes share one transaction: whatever arrives before the next macrotask, or while a group commits,
 * forms the next group, in order of arrival.
 */
export class GroupCommit {
  readonly #commit: (group: readonly PendingSet[]) => Promise<void> | void;
  #waiting: PendingSet[] = [];
  #running: Promise<void> | undefined;

  /** @param commit settles every set of the group and does not throw */
  constructor(commit: (group: readonly PendingSet[]) => Promise<void> | void) {
    this.#commit = commit;
  }

  submit(set: WriteSet): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ set, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when every set submitted so far is settled. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextMacrotask();
      await this.#commit(this.#takeGroup());
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly PendingSet[] {
    let weight = 0;
    let taken = 0;
    for (const { set } of this.#waiting) {
      weight += weightOf(set);
      if (taken > 0 && weight > GROUP_WEIGHT) break;
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }
}

function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rows to write, and one more per page of bytes. */
export function weightOf(set: WriteSet): number {
  let weight = 1;
  for (const version of set.versions ?? []) {
    weight += 2 + version.index.length + version.body.length / BYTES_PER_UNIT;
    for (const { index } of version.inside ?? []) weight += 1 + index.length;
  }
  for (const leaf of [...(set.leaves ?? []), ...(set.accesses ?? [])])
    weight += 1 + (leaf.content?.length ?? 0) / BYTES_PER_UNIT;
  for (const record of set.records ?? [])
    weight += 1 + (record.value?.length ?? 0) / BYTES_PER_UNIT;
  return weight;
}
