import type { Config } from '../config.ts';
import type { R4 } from '../r4/r4.ts';
import type { RouteParts } from '../http/routes/routes.ts';
import { SealedLinks } from '../interactions/history/sealed-links.ts';
import type { Serving } from '../ledger/serving.ts';
import { Turns } from '../turns.ts';
import type { Ambient } from './ambient.ts';
import type { AnchoringPart } from './anchoring.ts';
import type { BackgroundPart } from './background.ts';
import type { ConsentPart } from './consent.ts';
import type { IndexingPart } from './indexing.ts';
import type { LedgerPart } from './ledger.ts';
import type { OwnersPart } from './owners.ts';
import type { StorePart } from './store.ts';

export type Made = StorePart &
  LedgerPart &
  AnchoringPart &
  ConsentPart &
  IndexingPart &
  OwnersPart &
  BackgroundPart & { readonly r4: R4; readonly base: string; readonly serving: Serving };

/** Returns what interactions and operations work with, of all that was made. */
export function servicesOf(
  config: Pick<Config, 'organisation' | 'integrity' | 'deleteMatches' | 'unassigned'>,
  made: Made,
  { clock, newId, random }: Ambient,
): RouteParts['services'] {
  const { base, r4, store, serving } = made;
  const pulse: RouteParts['services']['pulse'] = {
    alive: async (limits) => {
      serving.assert();
      await made.pulse.alive(limits);
    },
  };
  const { replica, authority, ledgerFirst, subjects } = made;
  const { sequencer, evidence, shownNotes, upkeep, laterOwners } = made;
  const written: RouteParts['services']['written'] = async (versions) => {
    await made.written(versions);
    await laterOwners.written(versions);
  };
  const { organisation, integrity, deleteMatches, unassigned } = config;
  return {
    ...{ organisation, base, r4, store, pulse },
    ...{ replica, authority, ledgerFirst, subjects },
    ...{ sequencer, evidence, shownNotes, upkeep, written },
    links: new SealedLinks(store, random),
    turns: new Turns(),
    ...{ integrity, deleteMatches, unassigned, clock, newId, random },
  };
}
