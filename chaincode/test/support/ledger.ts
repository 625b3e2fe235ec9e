import { canonicalJson, commitment, type CanonicalValue } from '@chartseal/evidence';
import type { AccessRequest } from '../../src/decide/access-request.ts';
import type { ConsentSet } from '../../src/consent/consent-set.ts';
import type { ConsentWriter } from '../../src/consent/consent-writer.ts';
import type { OverarchingPolicy } from '../../src/consent/overarching-policy.ts';
import {
  invoke,
  MemoryState,
  type Caller,
  type Endorsement,
  type Invocation,
  type Validation,
} from '../../src/memory-stub.ts';
import type { Membership } from '../../src/transaction/key-policy.ts';
import type { DiscloseResult } from '../../src/disclosure/arguments.ts';
import { PATIENT } from './requests.ts';

export const HOSPITAL: Caller = { msp: 'HospitalMSP', attributes: { 'fhir.role': 'server' } };
export const PHARMACY: Caller = { msp: 'PharmacyMSP', attributes: { 'fhir.role': 'server' } };
export const MEMBERS: Membership = {
  organisations: ['HospitalMSP', 'PharmacyMSP', 'InsurerMSP', 'AuditorMSP'],
  auditor: 'AuditorMSP',
};
export const AT = '2026-11-21T09:00:00.000Z';
export const SUBJECT = '0123456789abcdef0123456789abcdef';
export const OTHER_SUBJECT = 'fedcba9876543210fedcba9876543210';
export const SALT = '11'.repeat(32);
export const NONCE = '22'.repeat(32);
export const BASIC: OverarchingPolicy = {
  version: 1,
  implicit: 'basic-normal',
  organization: 'Organization/hospital',
};

export function json(value: unknown): string {
  return canonicalJson(value as CanonicalValue);
}

/** One channel: transactions are endorsed against the state and committed one by one. */
export class TestLedger {
  readonly state = new MemoryState();
  readonly #sets = new Map<string, ConsentSet>();
  #count = 0;

  endorse(
    name: string,
    args: Invocation['args'],
    more: Partial<Invocation> = {},
  ): Promise<Endorsement> {
    const [contract = '', transaction = ''] = name.split(':');
    this.#count += 1;
    const txId = `tx-${this.#count}`;
    return invoke({
      ...{ contract, transaction, args, txId, at: AT, caller: HOSPITAL, state: this.state },
      membership: MEMBERS,
      ...more,
    });
  }

  commit(endorsement: Endorsement): Validation {
    this.#count += 1;
    return this.state.commit(`commit-${this.#count}`, endorsement);
  }

  /** Endorse and commit. */
  async submit(...call: Parameters<TestLedger['endorse']>): Promise<unknown> {
    const endorsement = await this.endorse(...call);
    const validation = this.commit(endorsement);
    if (validation !== 'VALID') throw new Error(validation);
    return resultOf(endorsement);
  }

  async setPolicy(policy: OverarchingPolicy = BASIC): Promise<void> {
    await this.submit('consent:setPolicy', [json(policy)]);
  }

  /** By the patient, after what was recorded before. */
  async record(set: ConsentSet, epoch = 1, subject = SUBJECT): Promise<void> {
    const before = this.#sets.get(subject);
    await this.submit('consent:record', ...recordCall(set, { epoch, subject, before }));
    this.#sets.set(subject, set);
  }

  async disclose(
    items: readonly { subject: string; request: AccessRequest; set?: ConsentSet }[],
    more: Partial<Invocation> = {},
  ): Promise<DiscloseResult> {
    const [args, facts] = discloseCall(items);
    return (await this.submit('disclosure:disclose', args, {
      ...facts,
      ...more,
    })) as DiscloseResult;
  }
}

export function resultOf({ result }: Endorsement): unknown {
  return JSON.parse(Buffer.from(result).toString('utf8'));
}

type CallParts = [readonly (string | Uint8Array)[], Partial<Invocation>];

const SELF: ConsentWriter = { actor: PATIENT, self: true };

export function recordCall(
  set: ConsentSet,
  more: {
    readonly epoch?: number;
    readonly subject?: string;
    readonly writer?: ConsentWriter;
    readonly before?: ConsentSet | undefined;
  } = {},
): CallParts {
  const { epoch = 1, subject = SUBJECT, writer = SELF, before } = more;
  const committed = (value: object): string => commitment(Buffer.from(SALT, 'hex'), json(value));
  const change = { writer, ...(before && { before: { salt: SALT, set: before } }) };
  return [
    [json({ subject, epoch, commitment: committed(set), writer: committed(writer) })],
    { transient: { consents: json({ salt: SALT, set }), change: json(change) } },
  ];
}

export function discloseCall(
  items: readonly { subject: string; request: AccessRequest; set?: ConsentSet }[],
): CallParts {
  const opened = items.flatMap(({ subject, set }) =>
    set === undefined ? [] : [[subject, { salt: SALT, set }] as const],
  );
  return [
    [
      json({
        requests: items.map(({ subject, request }) => ({
          subject,
          commitment: commitment(Buffer.from(NONCE, 'hex'), json(request)),
        })),
      }),
    ],
    {
      transient: {
        facts: json({
          requests: items.map(({ request }) => ({ nonce: NONCE, request })),
          consents: Object.fromEntries(opened),
        }),
      },
    },
  ];
}
