import type { FastifyBaseLogger } from 'fastify';
import { AccessTrail } from '../audit/access-trail.ts';
import type { Config } from '../config.ts';
import { Authority } from '../consent/authority.ts';
import { ConsentReplica } from '../consent/consent-replica.ts';
import { Custody } from '../consent/custody.ts';
import { DisclosureGroups } from '../consent/disclosure-groups.ts';
import { OwnPolicy } from '../consent/policy.ts';
import type { Serving } from '../ledger/serving.ts';
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
  readonly policy: OwnPolicy;
  readonly custody: Custody;
}

/** Says who decides, what was decided, and who was told. Nothing of it needs closing. */
export async function makeConsent(
  {
    organisation,
    policy: implicit,
    consentEvidence: evidence,
  }: Pick<Config, 'organisation' | 'policy' | 'consentEvidence'>,
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
    readonly serving: Serving;
  },
): Promise<ConsentPart> {
  const { base, clock, newId, random, metrics, log, serving } = by;
  const replica = new ConsentReplica(store.records, organisation);
  await replica.catchUp();
  const subjects = new Subjects(store, random);
  const consents = { ledger: ledger.consent, replica, subjects, random, base, evidence };
  const ledgerFirst = openLedgerFirst({ store, channel, newId, r4, log }, consents);
  const trail = new AccessTrail(store, {
    msp: organisation.msp,
    newId,
    random,
    recorded: (leaves) => sequencer.wake(leaves),
  });
  const wanted = { implicit, organization: organisation.reference };
  const policy = new OwnPolicy(ledger.consent, wanted, serving);
  const custody = new Custody({
    ...{ ledger: ledger.custody, replica, subjects },
    brought: (keys) => log.info({ keys }, 'keys on the ledger brought under our own policy'),
  });
  const groups = new DisclosureGroups({
    ledger,
    serves: (inForce) => policy.found(inForce),
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
    serving,
    replica,
    subjects,
    trail,
    custodian: organisation,
    clock,
    random,
  });
  return { replica, subjects, ledgerFirst, trail, authority, policy, custody };
}
