import {
  decideAccess,
  refuseWriter,
  type AccessRequest,
  type ConsentSet,
  type ConsentWriter,
  type Decision,
  type OverarchingPolicy,
  type Provision,
  type WriterRefusal,
} from '@chartseal/chaincode';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import { LedgerError } from '../ledger/errors.ts';
import { FollowedRecords } from '../store/followed-records.ts';
import type { RecordWrite, RecordStore } from '../store/record-store.ts';
import type { Custodian } from './organisation.ts';
import { isExact } from './residual-filter.ts';
import { closedDecision, mayRefuse, refusedByAnybody } from './unplaced.ts';

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
  readonly #followed: FollowedRecords;
  readonly #held = new Map<string, HeldConsents>();
  /** Holds the patients of whom an index cannot tell all that their consents say. */
  readonly #inexact = new Set<string>();
  /** Holds, of patients whose consents say of some classes what they do not say of others, these classes. */
  readonly #byClass = new Map<string, readonly string[]>();
  /** Holds the patients whose consents may refuse somebody something. */
  readonly #refusing = new Set<string>();
  #policy: OverarchingPolicy | undefined;

  constructor(records: RecordStore, custodian: Custodian) {
    this.#records = records;
    this.#custodian = custodian;
    this.#followed = new FollowedRecords(records, COLLECTION, (patient, bytes) =>
      this.hold(patient, decode(bytes)),
    );
  }

  /**
   * Resolves when this is as new as whatever any server of the store had acknowledged before the call. Each request that
   * narrows or forecasts begins with it, where several servers share a store.
   */
  catchUp(): Promise<void> {
    return this.#followed.catchUp();
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

  /** Ids of those about whom decisions may differ by class. */
  byClass(): Iterable<string> {
    return this.#byClass.keys();
  }

  /** The classes that a patient's consents name, sorted. */
  classesOf(patient: string): readonly string[] {
    return this.#byClass.get(patient) ?? [];
  }

  /** To be written in the step that makes the set current here; follow it with `hold`. */
  recordOf(patient: string, held: HeldConsents): RecordWrite {
    return {
      collection: COLLECTION,
      key: patient,
      value: Buffer.from(JSON.stringify(held), 'utf8'),
    };
  }

  /** An older set than ours changes nothing: ours is in force on the ledger, and reaches the store a moment later. */
  hold(patient: string, held: HeldConsents): void {
    if (held.epoch < (this.#held.get(patient)?.epoch ?? 0)) return;
    this.#held.set(patient, held);
    const exact = held.set.consents.every(({ provision }) => !provision || isExact(provision));
    if (exact) this.#inexact.delete(patient);
    else this.#inexact.add(patient);
    const classes = held.set.consents.flatMap(({ provision }) =>
      provision === undefined ? [] : classesIn(provision),
    );
    if (classes.length === 0) this.#byClass.delete(patient);
    else this.#byClass.set(patient, [...new Set(classes)].sort());
    if (mayRefuse(held.set)) this.#refusing.add(patient);
    else this.#refusing.delete(patient);
  }

  /** Read the set again from the store, for a decision that found ours stale. */
  async reload(patient: string): Promise<HeldConsents | undefined> {
    const bytes = await this.#records.record(COLLECTION, patient);
    if (bytes !== undefined) this.hold(patient, decode(bytes));
    return this.#held.get(patient);
  }

  /** The refusal of what is not for the authority to permit; undefined: that decides. */
  closed(patient: string, request: AccessRequest, at: string): Decision | undefined {
    return (
      closedDecision(patient, request, this.#custodian) ??
      refusedByAnybody(patient, request, () => this.#decisions(request, at))
    );
  }

  *#decisions(request: AccessRequest, at: string): Iterable<Decision> {
    for (const patient of this.#refusing) yield this.forecast(patient, request, at);
  }

  /** The decision the authority would make at instant `at`, as far as we know. `patient` undefined: one without consents. */
  forecast(patient: string | undefined, request: AccessRequest, at: string): Decision {
    const closed = patient === undefined ? undefined : this.closed(patient, request, at);
    if (closed !== undefined) return closed;
    return decideAccess({
      request,
      consents: patient === undefined ? undefined : this.#held.get(patient)?.set,
      ...this.#keeper(),
      at,
    });
  }

  /** Returns why the authority would not let somebody change a set of consents; undefined: it would. */
  refusesWriter(
    writer: ConsentWriter,
    change: { readonly before: ConsentSet | undefined; readonly after: ConsentSet },
  ): WriterRefusal | undefined {
    return refuseWriter({ writer, ...change, ...this.#keeper() });
  }

  #keeper(): { readonly policy: OverarchingPolicy; readonly custodian: string } {
    if (this.#policy === undefined) {
      throw new LedgerError('unavailable', 'the overarching policy is not known yet');
    }
    return { policy: this.#policy, custodian: this.#custodian.msp };
  }
}

/** A list without classes tells all of them apart from none. */
function classesIn({ classes, exceptions }: Provision): readonly string[] {
  return [...(classes ?? []), ...exceptions.flatMap(classesIn)];
}

function decode(bytes: Uint8Array): HeldConsents {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as HeldConsents;
}
