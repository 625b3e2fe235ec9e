import {
  decideAccess,
  type AccessRequest,
  type Decision,
  type OpenedConsentSet,
  type OverarchingPolicy,
} from '@chartseal/chaincode';
import { LedgerError } from '../ledger/errors.ts';
import type { RecordWrite, RecordStore } from '../store/record-store.ts';
import type { Custodian } from './organisation.ts';
import { isExact } from './residual-filter.ts';
import { closedDecision } from './unplaced.ts';

const COLLECTION = 'consent-set';

/** A patient's compiled consents with the salt of their commitment and the epoch they have on the ledger. */
export interface HeldConsents extends OpenedConsentSet {
  readonly epoch: number;
}

/**
 * The consents this organisation holds as custodian. It narrows queries and foresees refusals; what it permits is
 * a forecast: only the ledger's decision lets data out or in.
 */
export class ConsentReplica {
  readonly #records: RecordStore;
  readonly #custodian: Custodian;
  readonly #held = new Map<string, HeldConsents>();
  /** Holds the patients of whom an index cannot tell all that their consents say. */
  readonly #inexact = new Set<string>();
  #policy: OverarchingPolicy | undefined;

  constructor(records: RecordStore, custodian: Custodian) {
    this.#records = records;
    this.#custodian = custodian;
  }

  async load(): Promise<void> {
    for (const [patient, bytes] of await this.#records.records(COLLECTION)) {
      this.hold(patient, decode(bytes));
    }
  }

  /** The policy in force on the ledger; until it is known nothing is permitted. */
  set policy(policy: OverarchingPolicy) {
    this.#policy = policy;
  }

  held(patient: string): HeldConsents | undefined {
    return this.#held.get(patient);
  }

  /** Ids of all patients with a consent set. */
  patients(): Iterable<string> {
    return this.#held.keys();
  }

  /** Ids of those whose consents ask what no index answers: by codes, periods, sensitivity, single resources. */
  inexact(): Iterable<string> {
    return this.#inexact;
  }

  /** To be written in the step that makes the set current here; follow it with `hold`. */
  recordOf(patient: string, held: HeldConsents): RecordWrite {
    return {
      collection: COLLECTION,
      key: patient,
      value: Buffer.from(JSON.stringify(held), 'utf8'),
    };
  }

  hold(patient: string, held: HeldConsents): void {
    this.#held.set(patient, held);
    const exact = held.set.consents.every(({ provision }) => !provision || isExact(provision));
    if (exact) this.#inexact.delete(patient);
    else this.#inexact.add(patient);
  }

  /** Read the set again from the store, for a decision that found ours stale. */
  async reload(patient: string): Promise<HeldConsents | undefined> {
    const bytes = await this.#records.record(COLLECTION, patient);
    if (bytes === undefined) {
      this.#held.delete(patient);
      this.#inexact.delete(patient);
    } else this.hold(patient, decode(bytes));
    return this.#held.get(patient);
  }

  /** The refusal of what is not for the authority to permit; undefined: that decides. */
  closed(patient: string, request: AccessRequest): Decision | undefined {
    return closedDecision(patient, request, this.#custodian);
  }

  /** The decision the authority would make at instant `at`, as far as we know. `patient` undefined: one without consents. */
  forecast(patient: string | undefined, request: AccessRequest, at: string): Decision {
    const closed = patient === undefined ? undefined : this.closed(patient, request);
    if (closed !== undefined) return closed;
    if (this.#policy === undefined) {
      throw new LedgerError('unavailable', 'the overarching policy is not known yet');
    }
    return decideAccess({
      request,
      consents: patient === undefined ? undefined : this.#held.get(patient)?.set,
      policy: this.#policy,
      custodian: this.#custodian.msp,
      at,
    });
  }
}

function decode(bytes: Uint8Array): HeldConsents {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as HeldConsents;
}
