import { AccessTrail } from '../audit/access-trail.ts';
import type { Config } from '../config.ts';
import { Authority } from '../consent/authority.ts';
import { ConsentRegistry } from '../consent/consent-registry.ts';
import { ConsentReplica } from '../consent/consent-replica.ts';
import { DisclosureGroups } from '../consent/disclosure-groups.ts';
import type { Metrics } from '../metrics.ts';
import { Subjects } from '../provenance/subjects.ts';
import type { Ambient } from './ambient.ts';
import type { AnchoringPart } from './anchoring.ts';
import type { LedgerPart } from './ledger.ts';
import type { StorePart } from './store.ts';

export interface ConsentPart {
  readonly replica: ConsentReplica;
  readonly subjects: Subjects;
  readonly registry: ConsentRegistry;
  readonly trail: AccessTrail;
  readonly authority: Authority;
}

/** Who decides, what was decided, and who was told. Nothing of it needs closing. */
export async function makeConsent(
  { msp, organization }: Pick<Config, 'msp' | 'organization'>,
  { store, ledger, channel, sequencer }: StorePart & LedgerPart & AnchoringPart,
  by: Ambient & { readonly metrics: Metrics },
): Promise<ConsentPart> {
  const { clock, newId, random, metrics } = by;
  const replica = new ConsentReplica(store, { msp, organization });
  await replica.load();
  const subjects = new Subjects(store, random);
  const registry = new ConsentRegistry({
    store,
    ledger: ledger.consent,
    channel,
    replica,
    subjects,
    random,
  });
  const trail = new AccessTrail(store, {
    msp,
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
      await registry.quiet(patient);
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
    custodian: { msp, organization },
    clock,
    random,
  });
  return { replica, subjects, registry, trail, authority };
}
