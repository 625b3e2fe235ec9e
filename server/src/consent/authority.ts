import type { Action, Decision } from '@chartseal/chaincode';
import type { AccessTrail, Access } from '../audit/access-trail.ts';
import { MAX_RESOURCES } from '../audit/access-detail.ts';
import { toldQuery } from '../audit/told-query.ts';
import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Serving } from '../ledger/serving.ts';
import type { AccessWrite } from '../store/leaf-queue.ts';
import type { Subjects } from '../provenance/subjects.ts';
import { accessRequest } from './access-request.ts';
import type { ConsentReplica } from './consent-replica.ts';
import type { DisclosureGroups } from './disclosure-groups.ts';
import type { Custodian } from './organisation.ts';
import { isOwnStaff } from './own-staff.ts';

/** A decision about one patient; `tx` is the VALID ledger transaction that made it. */
export interface Verdict extends Decision {
  readonly tx?: string;
}

export interface Question {
  readonly action: Action;
  /** Resource type, or `AccessLog`. */
  readonly className: string;
}

/** Says what the access log is to say besides the decision. */
export interface Happened {
  readonly interaction: string;
  readonly question: Question;
  /** Paths (`Type/id/_history/n`) of the versions given out, with the patients they concern. */
  readonly resources: readonly { readonly path: string; readonly patients: readonly string[] }[];
  readonly query: string | undefined;
  /** The request was refused, or failed, whatever was permitted for it. */
  readonly refused?: true;
}

export interface AuthorityParts {
  readonly groups: Pick<DisclosureGroups, 'disclose'>;
  readonly serving: Pick<Serving, 'assert'>;
  readonly replica: ConsentReplica;
  readonly subjects: Subjects;
  readonly trail: AccessTrail;
  readonly custodian: Custodian;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** Asks the ledger for decisions, and puts what came of them on record. */
export class Authority {
  readonly #with: AuthorityParts;

  constructor(parts: AuthorityParts) {
    this.#with = parts;
  }

  /** Strict: resolves when one VALID transaction per patient has decided and recorded the disclosure. */
  async decide(
    principal: Principal,
    patients: readonly string[],
    question: Question,
  ): Promise<Map<string, Verdict>> {
    this.#with.serving.assert();
    const closed = this.#closed(principal, patients, question);
    const open = patients.filter((patient) => !closed.has(patient));
    if (open.length === 0) return closed;
    const items = await Promise.all(
      open.map(async (patient) => {
        const opened = this.#with.replica.held(patient);
        return {
          subject: await this.#with.subjects.of(patient),
          request: accessRequest(principal, patient, question),
          nonce: this.#with.random(32),
          ...(opened === undefined ? {} : { opened: { salt: opened.salt, set: opened.set } }),
        };
      }),
    );
    const verdicts = await this.#with.groups.disclose(items);
    return new Map([
      ...closed,
      ...open.map((patient, i): [string, Verdict] => {
        const verdict = verdicts[i];
        if (verdict === undefined || verdict.outcome === 'stale') {
          throw new LedgerError(
            'unavailable',
            'the consents held here are not those on the ledger',
          );
        }
        return [patient, { ...verdict.decision, tx: verdict.txId }];
      }),
    ]);
  }

  /** Names one of those who stand for nobody. On the ledger, and in the log of accesses, they look like patients. */
  nobody(): string {
    return `:nobody-${this.#with.random(1)[0] ?? 0}`;
  }

  /** Returns what is closed to this caller whatever the ledger would say of it. */
  #closed(
    principal: Principal,
    patients: readonly string[],
    question: Question,
  ): Map<string, Verdict> {
    const at = new Date(this.#with.clock()).toISOString();
    const decided = patients.map((patient) => {
      const request = accessRequest(principal, patient, question);
      return [patient, this.#with.replica.closed(patient, request, at)] as const;
    });
    return new Map(decided.flatMap(([patient, denial]) => (denial ? [[patient, denial]] : [])));
  }

  /** Returns what our replica says, which permits nothing. */
  forecast(
    principal: Principal,
    patients: readonly string[],
    question: Question,
  ): Map<string, Verdict> {
    const at = new Date(this.#with.clock()).toISOString();
    return new Map(
      patients.map((patient) => [
        patient,
        this.#with.replica.forecast(patient, accessRequest(principal, patient, question), at),
      ]),
    );
  }

  /** Data that concerns no patient is kept by the custodian's own people and systems. */
  assertMayChangeUnowned(principal: Principal): void {
    const { custodian } = this.#with;
    if (!isOwnStaff(custodian, principal)) {
      throw new FhirError(
        'forbidden',
        `Refused: only ${custodian.reference} itself may change data that concerns no patient`,
      );
    }
  }

  /** Durable when it resolves: one leaf per patient, permitted or refused. */
  async record(
    principal: Principal,
    verdicts: ReadonlyMap<string, Verdict>,
    happened: Happened,
  ): Promise<void> {
    if (verdicts.size > 0) {
      await this.#with.trail.record(await this.#accesses(principal, verdicts, happened));
    }
  }

  /** The same entries, for whoever writes them in the step of what they tell of. */
  async entries(
    principal: Principal,
    verdicts: ReadonlyMap<string, Verdict>,
    happened: Happened,
  ): Promise<readonly AccessWrite[]> {
    const accesses = await this.#accesses(principal, verdicts, happened);
    return accesses.map((access) => this.#with.trail.entry(access));
  }

  #accesses(
    principal: Principal,
    verdicts: ReadonlyMap<string, Verdict>,
    happened: Happened,
  ): Promise<readonly Access[]> {
    const at = new Date(this.#with.clock()).toISOString();
    return Promise.all(
      [...verdicts].map(async ([patient, verdict]): Promise<Access> => {
        const given =
          verdict.outcome === 'permit'
            ? happened.resources.filter((resource) => resource.patients.includes(patient))
            : [];
        return {
          subject: await this.#with.subjects.of(patient),
          detail: {
            v: 1,
            at,
            patient: `Patient/${patient}`,
            outcome: happened.refused === true ? 'deny' : verdict.outcome,
            interaction: happened.interaction,
            request: accessRequest(principal, patient, happened.question),
            resources: given.slice(0, MAX_RESOURCES).map((resource) => resource.path),
            more: Math.max(0, given.length - MAX_RESOURCES),
            ...(happened.query === undefined ? {} : { query: toldQuery(happened.query, patient) }),
            reason: isUnused(verdict, happened) ? 'change-refused' : verdict.reason,
            basis: verdict.basis,
            ...(verdict.tx === undefined ? {} : { tx: verdict.tx }),
            ...(principal.request === undefined ? {} : { requestId: principal.request }),
          },
        };
      }),
    );
  }
}

/** Tells whether something was permitted that was not done. */
function isUnused({ outcome }: Verdict, { refused }: Happened): boolean {
  return refused === true && outcome === 'permit';
}
