import type { Store } from '../store/store.ts';
import type { Authority } from '../consent/authority.ts';
import type { Narrowing } from '../consent/narrow.ts';
import type { Organisation } from '../consent/organisation.ts';
import type { Pulse } from '../ledger/pulse.ts';
import type { R4 } from '../r4/r4.ts';
import type { ShownNotes } from './shown-notes.ts';

/** Holds what is stored here, what R4 says of it, and the URL below which it stands. */
export interface Data {
  readonly store: Store;
  readonly r4: R4;
  /** Absolute base URL, `http://host:port/fhir`. */
  readonly base: string;
}

/** Says who decides about data of patients, for whom they are kept, and whether the ledger answers. */
export interface Deciding {
  readonly organisation: Organisation;
  readonly authority: Authority;
  readonly pulse: Pick<Pulse, 'alive'>;
}

/** Holds what foreseeing the ledger's decisions takes. */
export interface Foreseeing extends Data, Deciding, Narrowing {}

/** Holds what letting data out takes: `disclose` works with no less. */
export interface Disclosing extends Foreseeing {
  readonly shownNotes: Pick<ShownNotes, 'note' | 'isWatched'>;
}
