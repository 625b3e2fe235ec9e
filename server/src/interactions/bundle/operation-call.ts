import type { Principal } from '../../auth/principal.ts';
import type { Conditioned } from '../conditions/judged.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Reply } from '../../access/reply.ts';

/** An operation as an entry calls it. */
export interface OperationCall {
  /** As it is done when it comes alone: decided and recorded by itself. */
  readonly run: (principal: Principal) => Promise<Reply>;
  /** Refuses what can be refused of it without doing it. @throws FhirError */
  readonly check: () => void;
  /** Tells whether it changes data. */
  readonly changes: () => boolean;
  /** As what it judges conditions. */
  readonly conditioned: Conditioned;
}

/** Holds what an entry says of the operation that it calls. */
export interface CalledByEntry {
  readonly method: string;
  /** Below the base, without a slash at its beginning. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Exact text. */
  readonly resource: string | undefined;
  readonly preconditions: Preconditions;
}

/**
 * Finds an operation among all that the API has.
 *
 * @throws FhirError `not-found` when it has none there, `method` for another method, `not-supported` for what is no entry
 */
export type FindOperation = (asked: CalledByEntry) => OperationCall;
