import type { JWK } from 'jose';

/**
 * Holds what an authorization server remembers: sessions, logins under way, grants, codes, used assertion ids, and the
 * keys that it signs with. All servers of one organisation that open the same state are one authorization server: what one
 * of them has done, the others know at once.
 *
 * - *Durability*: a call that changes something resolves when the change survives the end of the process, and of the
 *   machine or of any minority of replicas.
 * - *Order*: what was changed before a call began is seen by that call, on whichever server.
 * - *Atomicity*: each call is one step; of calls that exclude each other exactly one succeeds, on whichever servers.
 * - *Time*: an entry that has ended is as good as removed, from the second of its end, by the clock of who asks.
 * - *Errors*: StateUnavailable alone. It may have been thrown although the change was made: what was to be used once
 *   then counts as used.
 */
export interface ProviderState {
  /** Keeps the entry, in the place of what is kept there; that this was consumed stays known. */
  keep(entry: Entry): Promise<void>;
  /** Keeps the entry where nothing is kept that has not ended; false, and nothing is changed, otherwise. */
  keepOnce(entry: Entry): Promise<boolean>;
  find(place: Place): Promise<Kept | undefined>;
  findByUid(model: string, uid: string): Promise<Kept | undefined>;
  /** True for the one call that consumes it; false when it was consumed, has ended or is not there. */
  consume(place: Place): Promise<boolean>;
  remove(place: Place): Promise<void>;
  /** Removes what hangs on this grant, of one model. */
  removeOfGrant(model: string, grant: string): Promise<void>;
  /**
   * The keys that are kept, or those of `make` where none are: servers that start at the same moment all get those of
   * one of them. Only those who may read the state itself may read them.
   */
  signingKeys(make: () => Promise<KeySet>): Promise<KeySet>;
  /** Says where the keys are kept, in words for the operator; no secrets are in them. */
  readonly keysAt: string;
  close(): Promise<void>;
}

export interface Place {
  /** Kind of entry, as oidc-provider calls it: `Session`, `AuthorizationCode`. */
  readonly model: string;
  /** Unique within the model. */
  readonly id: string;
}

export interface Kept {
  /** JSON text. */
  readonly payload: string;
  /** Seconds since the epoch. */
  readonly consumed?: number;
}

export interface Entry extends Place, Kept {
  /** Seconds since the epoch, a whole number; NEVER for what has no end. */
  readonly expires: number;
  /** The grant that it hangs on. */
  readonly grant?: string;
  /** A second name of it, unique within the model. */
  readonly uid?: string;
}

export interface KeySet {
  /** Private keys, the first of each algorithm signs. */
  readonly keys: readonly JWK[];
  /** Secrets that sign cookies, the first signs. */
  readonly cookieKeys: readonly string[];
}

export const NEVER = Number.MAX_SAFE_INTEGER;

/** The state cannot be used now. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}
