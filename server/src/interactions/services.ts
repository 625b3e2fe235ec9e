import type { AccessTrail } from '../audit/access-trail.ts';
import type { Authority } from '../consent/authority.ts';
import type { ConsentReplica } from '../consent/consent-replica.ts';
import type { R4 } from '../r4/r4.ts';
import type { Pulse } from '../ledger/pulse.ts';
import type { Sequencer } from '../provenance/sequencer.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { ShownNotes } from '../access/shown-notes.ts';
import type { LedgerFirst } from './change/ledger-first.ts';
import type { IndexUpkeep } from './index/index-upkeep.ts';
import type { SealedLinks } from './history/sealed-links.ts';
import type { Turns } from './turns.ts';

/** What interactions work with; put together by app.ts. Nothing ambient: clock, ids and randomness are here. */
export interface Services {
  readonly organisation: { readonly msp: string; readonly organization: string };
  /** Absolute base URL, `http://host:port/fhir`. */
  readonly base: string;
  readonly store: ResourceStore;
  readonly r4: R4;
  readonly replica: ConsentReplica;
  readonly authority: Authority;
  readonly ledgerFirst: LedgerFirst;
  readonly trail: AccessTrail;
  readonly pulse: Pick<Pulse, 'alive'>;
  readonly sequencer: Pick<Sequencer, 'wake' | 'anchored'>;
  readonly links: Pick<SealedLinks, 'seal' | 'open'>;
  readonly shownNotes: Pick<ShownNotes, 'note'>;
  readonly upkeep: Pick<IndexUpkeep, 'status' | 'outdated'>;
  /** By the criteria of conditional interactions. */
  readonly turns: Turns;
  /** What must hold of literal references to this server: http://hl7.org/fhir/R4/http.html#integrity */
  readonly integrity: 'off' | 'write' | 'write-and-delete';
  /** Whether a conditional delete may delete several resources. */
  readonly deleteMatches: 'single' | 'multiple';
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
  /** These versions were written; resolves when all that follows of itself is done. */
  readonly written: (versions: readonly { readonly type: string }[]) => Promise<void>;
}
