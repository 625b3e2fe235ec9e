import type { FastifyBaseLogger } from 'fastify';
import { AccessTrail } from '../audit/access-trail.ts';
import type { Config } from '../config.ts';
import { Authority } from '../consent/authority.ts';
import { ConsentReplica } from '../consent/consent-replica.ts';
import { DisclosureGroups } from '../consent/disclosure-groups.ts';
import type { R4 } from '../r4/r4.ts';
import type { LedgerFirst } from '../interactions/change/ledger-first.ts';
import { openLedgerFirst } from '../interactions/change/ledger-rows.ts';
import type { Metrics } from '../metrics.ts';
import { Subjects } from '../provenance/subjects.ts';
import type { Ambient } from './ambient.ts';
import type { AnchoringPart } from './anchoring.ts';
import type { LedgerPart } from './ledger.ts';
import type { StorePart } from './store.ts';

export interface ConsentPart {
  readonly replica: ConsentReplica;
  readonly subjects: Subjects;
  readonly ledgerFirst: LedgerFirst;
  readonly trail: AccessTrail;
  readonly authority: Authority;
}

/** Says who decides, what was decided, and who was told. Nothing of it needs closing. */
export async function makeConsent(
  { organisation, consentEvidence: evidence }: Pick<Config, 'organisation' | 'consentEvidence'>,
  {
    store,
    ledger,
    channel,
    sequencer,
    r4,
  }: StorePart & LedgerPart & AnchoringPart & { readonly r4: R4 },
  by: Ambient & {
    readonly base: string;
    readonly metrics: Metrics;
    readonly log: FastifyBaseLogger;
  },
): Promise<ConsentPart> {
  const { base, clock, newId, random, metrics, log } = by;
  const replica = new ConsentReplica(store.records, organisation);
  await replica.load();
  const subjects = new Subjects(store, random);
  const consents = { ledger: ledger.consent, replica, subjects, random, base, evidence };
  const ledgerFirst = openLedgerFirst({ store, channel, newId, r4, log }, consents);
  const trail = new AccessTrail(store, {
    msp: organisation.msp,
    newId,
    random,
    recorded: (leaves) => sequencer.wake(leaves),
  });
  const groups = new DisclosureGroups({
    ledger,
    recorded: () => metrics.disclosureTransactions.inc(),
    reload: async (subject) => {
      const patient = subjects.patientOf(subject);
      if (patient === undefined) return undefined;
      await ledgerFirst.quiet('consent', patient);
      const held = await replica.reload(patient);
      return held === undefined ? undefined : { salt: held.salt, set: held.set };
    },
  });
  const authority = new Authority({
    groups: {
      disclose: (items) => {
        metrics.disclosures.inc(items.length);
        return groups.disclose(items);
      },
    },
    replica,
    subjects,
    trail,
    custodian: organisation,
    clock,
    random,
  });
  return { replica, subjects, ledgerFirst, trail, authority };
}
