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

/** Notes what is shown to a caller whose answer is kept for later. */
export class ShownNotes {
  readonly #shown = new WeakMap<Principal, Shown[]>();

  /** Returns the caller under another identity, and the list that fills with what is shown to it from now on. */
  watch(principal: Principal): { readonly principal: Principal; readonly shown: readonly Shown[] } {
    const watched = { ...principal };
    const shown: Shown[] = [];
    this.#shown.set(watched, shown);
    return { principal: watched, shown };
  }

  note(principal: Principal, versions: Iterable<StoredVersion>, permission: Permission): void {
    const shown = this.#shown.get(principal);
    if (shown === undefined) return;
    for (const { type, id, version } of versions) shown.push({ type, id, version, permission });
  }
}
