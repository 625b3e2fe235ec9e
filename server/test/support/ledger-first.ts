import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scanJson } from '@chartseal/evidence';
import type { Resource } from 'fhir/r4.js';
import type { Principal } from '../../src/auth/principal.ts';
import { ConsentReplica } from '../../src/consent/consent-replica.ts';
import type { ChangeSet } from '../../src/interactions/change/change-set.ts';
import { consentRow } from '../../src/interactions/change/consent-row.ts';
import { conditionsOf, type Keeps } from '../../src/interactions/change/keeps.ts';
import { LedgerFirst, type LedgerFirstParts } from '../../src/interactions/change/ledger-first.ts';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { openEmbeddedChannel } from '../../src/ledger/embedded/embedded-channel.ts';
import { Subjects } from '../../src/provenance/subjects.ts';
import type { Store, WriteSet } from '../../src/store/store.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { consent } from './clinical-samples.ts';
import { aWrite } from './store-samples.ts';

const BASE = 'http://127.0.0.1:8080/fhir';

/** A change of one Consent, with what is written in its step. */
export interface Edit {
  readonly set: ChangeSet;
  readonly write: WriteSet;
  readonly keeps?: readonly Keeps[];
}

/** A server of its own over the store and the channel of a stack, as far as changes go to the ledger first. */
export interface LedgerFirstServer {
  readonly machine: LedgerFirst;
  readonly replica: ConsentReplica;
  readonly change: (patient: string, prepare: () => Promise<Edit>) => Promise<void>;
}

export type Faults = Partial<
  Pick<LedgerFirstParts, 'channel' | 'indexed'> & {
    readonly store: Pick<Store, 'records' | 'write'>;
  }
>;

export interface LedgerFirstStack {
  readonly store: Store;
  readonly channel: Channel;
  readonly ledger: Ledgers;
  readonly subjects: Subjects;
  readonly server: (faults?: Faults) => LedgerFirstServer;
  readonly close: () => Promise<void>;
}

export async function ledgerFirstStack(): Promise<LedgerFirstStack> {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-first-'));
  const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  const channel = await openEmbeddedChannel({
    folder: join(folder, 'ledger'),
    msp: 'HospitalMSP',
    now: Date.now,
    random: randomBytes,
  });
  const ledger = ledgersOf(channel);
  const subjects = new Subjects(store, randomBytes);
  return {
    store,
    channel,
    ledger,
    subjects,
    server: (faults = {}) => {
      const with_ = { store, channel, indexed: (version: VersionWrite) => version, ...faults };
      const replica = new ConsentReplica(with_.store.records, {
        msp: 'HospitalMSP',
        reference: 'Organization/hospital',
      });
      replica.policy = { version: 1, implicit: 'deny', organization: 'Organization/hospital' };
      const row = consentRow({
        ledger: ledger.consent,
        replica,
        subjects,
        random: randomBytes,
        base: BASE,
        evidence: 'warn',
        isResourceType: () => true,
      });
      const machine = new LedgerFirst({ ...with_, newId: randomUUID, rows: [row] });
      return {
        machine,
        replica,
        change: (turn, prepare) => {
          const way = { row, watched: [], turn, principal: patientOf(turn) };
          return machine.take(way, async () => {
            const { set, write, keeps = [] } = await prepare();
            const { versions = [], leaves = [], records = [] } = write;
            const all = [conditionsOf(records), ...keeps];
            await machine.write(way, set, { versions, leaves, accesses: [], keeps: all });
          });
        },
      };
    },
    close: async () => {
      await channel.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whoever may change everything that this patient allows: the patient. */
export function patientOf(id: string): Principal {
  return {
    client: 'portal',
    subject: id,
    role: 'patient',
    msp: 'HospitalMSP',
    organization: 'Organization/hospital',
    patient: `Patient/${id}`,
    scopes: [],
    purposes: ['TREAT'],
    expires: 0,
  };
}

/** The next version of a Consent, with a record `note` of its own. */
export function edit(id: string, version: number, type: 'permit' | 'deny' = 'permit'): Edit {
  const resource = consent(id, 'a', { type }) as unknown as Resource;
  const write = aWrite({ type: 'Consent', id, version });
  const [made] = write.versions ?? [];
  const scanned = scanJson(JSON.stringify(resource));
  return {
    set: {
      changes: [
        {
          type: 'Consent',
          id,
          method: 'PUT',
          accepted: { type: 'Consent', scanned, resource, warnings: [] },
          previous: undefined,
          made: made && { version: made, write },
        },
      ],
    },
    write: {
      records: [
        { collection: 'note', key: `${id}-${version}`, value: Buffer.from([0, 255, version]) },
      ],
    },
  };
}

/** A channel that takes a transaction when it is let go. */
export function slowChannel(channel: Channel): {
  readonly channel: Pick<Channel, 'submit'>;
  /** Resolves when a transaction waits. */
  readonly submitting: Promise<void>;
  readonly letGo: () => void;
} {
  let reached = (): void => undefined;
  let letGo = (): void => undefined;
  const submitting = new Promise<void>((resolve) => (reached = resolve));
  const submit: Channel['submit'] = async (prepared) => {
    const going = new Promise<void>((resolve) => (letGo = resolve));
    reached();
    await going;
    return channel.submit(prepared);
  };
  return { channel: { submit }, submitting, letGo: () => letGo() };
}
