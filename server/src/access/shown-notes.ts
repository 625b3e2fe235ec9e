import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import type { StoredVersion } from '../store/version-store.ts';

/** A version that was shown, and the permission it was asked for with. */
export interface Shown {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly permission: Permission;
}

/** Holds what an answer that is kept for later rests on. */
export interface Noted {
  readonly shown: Shown[];
  /** Digests (`seenBy`) of what consents said when something was counted: a total shows no version, and tells all the same. */
  readonly counted: string[];
}

/** Notes what is shown to a caller whose answer is kept for later. */
export class ShownNotes {
  readonly #noted = new WeakMap<Principal, Noted>();

  /** Returns the caller under another identity, and the notes that fill with what is shown to it from now on. */
  watch(principal: Principal): { readonly principal: Principal; readonly noted: Noted } {
    const watched = { ...principal };
    const noted: Noted = { shown: [], counted: [] };
    this.#noted.set(watched, noted);
    return { principal: watched, noted };
  }

  isWatched(principal: Principal): boolean {
    return this.#noted.has(principal);
  }

  /** @param counted the digest, where the answer has a total */
  note(
    principal: Principal,
    versions: Iterable<StoredVersion>,
    by: { readonly permission: Permission; readonly counted: string | undefined },
  ): void {
    const noted = this.#noted.get(principal);
    if (noted === undefined) return;
    const { permission, counted } = by;
    for (const { type, id, version } of versions)
      noted.shown.push({ type, id, version, permission });
    if (counted !== undefined && !noted.counted.includes(counted)) noted.counted.push(counted);
  }
}
