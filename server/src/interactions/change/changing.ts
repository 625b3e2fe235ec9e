import type { Foreseeing } from '../../access/groups.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Sequencer } from '../../provenance/sequencer.ts';
import type { Ambient, Settings } from '../groups.ts';
import type { LedgerFirst } from './ledger-first.ts';

/** Holds what judging a change and making its version takes. */
export interface Judging extends Foreseeing, Ambient, Pick<Settings, 'unassigned'> {
  readonly ledgerFirst: LedgerFirst;
}

/** Holds what making a change durable takes. */
export interface Changing extends Judging, Settings {
  readonly sequencer: Pick<Sequencer, 'wake'>;
  /** These versions were written; resolves when all that follows of itself is done. */
  readonly written: (versions: readonly StoredVersion[]) => Promise<void>;
}
