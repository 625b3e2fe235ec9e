import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessRequest, ConsentSet, ConsentWriter } from '@chartseal/chaincode';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import { canonicalJson, commitment, type CanonicalValue } from '@chartseal/evidence';
import type { DisclosureItem } from '../../src/consent/disclosure-groups.ts';
import type { Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { openEmbeddedChannel } from '../../src/ledger/embedded/embedded-channel.ts';

/** A folder that lasts as long as `use`. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'chartseal-ledger-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function embedded(
  folder: string,
  msp = 'HospitalMSP',
): ReturnType<typeof openEmbeddedChannel> {
  return openEmbeddedChannel({ folder, msp, now: Date.now, random: randomBytes });
}

export function newSubject(): string {
  return randomBytes(16).toString('hex');
}

export function accessRequest(change: Partial<AccessRequest> = {}): AccessRequest {
  return {
    actor: {
      msp: 'HospitalMSP',
      organization: 'Organization/hospital',
      role: 'practitioner',
      practitioner: 'Practitioner/doctor',
      client: 'ehr',
    },
    self: false,
    purposes: ['TREAT'],
    action: 'access',
    class: 'Observation',
    ...change,
  };
}

export function item(subject: string, opened?: OpenedConsentSet): DisclosureItem {
  return {
    subject,
    request: accessRequest(),
    nonce: randomBytes(32),
    ...(opened !== undefined && { opened }),
  };
}

/** All consents of one patient: everything is permitted, or denied. */
export function consentSet(type: 'permit' | 'deny', version = 1): ConsentSet {
  return {
    consents: [
      {
        id: 'Consent/one',
        version,
        status: 'active',
        dateTime: '2020-01-01T00:00:00.000Z',
        provision: { type, exceptions: [] },
      },
    ],
  };
}

/** The patient, whose Consents they are. */
const WRITER: ConsentWriter = {
  actor: {
    msp: 'HospitalMSP',
    organization: 'Organization/hospital',
    role: 'patient',
    patient: 'Patient/a',
    client: 'portal',
  },
  self: true,
};

/** What recording a consent set takes, by the patient unless another writer is named. */
export function recording(
  subject: string,
  epoch: number,
  opened: OpenedConsentSet,
  change: { readonly before?: OpenedConsentSet; readonly writer?: ConsentWriter } = {},
): Parameters<Ledgers['consent']['prepareRecord']> {
  const { writer = WRITER } = change;
  return [
    { subject, epoch, commitment: commitmentOf(opened), writer: committed(opened.salt, writer) },
    opened,
    { ...change, writer },
  ];
}

/** Puts a consent set in force after the one before it; what opens it is returned. */
export async function recordConsent(
  ledger: Ledgers,
  subject: string,
  set: ConsentSet,
  before?: OpenedConsentSet,
): Promise<OpenedConsentSet> {
  const opened = { salt: randomBytes(32).toString('hex'), set };
  const epoch = ((await ledger.consent.head(subject))?.epoch ?? 0) + 1;
  const { transaction } = await ledger.consent.prepareRecord(
    ...recording(subject, epoch, opened, before && { before }),
  );
  await ledger.channel.submit(transaction);
  return opened;
}

export function commitmentOf({ salt, set }: OpenedConsentSet): string {
  return committed(salt, set);
}

function committed(salt: string, value: object): string {
  return commitment(Buffer.from(salt, 'hex'), canonicalJson(value as unknown as CanonicalValue));
}
