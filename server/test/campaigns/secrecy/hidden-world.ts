import { startApp, people } from '../../support/app.ts';
import type { Answer, Caller, TestApp } from '../../support/app.ts';
import { actor, consent } from '../../support/clinical-samples.ts';
import type { Random } from '../search/random.ts';
import {
  CONFIDENTIALITY,
  commonSamples,
  concealed,
  contentOf,
  exceptions,
  patientSample,
  recordSample,
} from './samples.ts';
import type { Reason, Sample } from './samples.ts';

/** With what of each may not be seen. */
const SEEN: Readonly<Record<string, readonly Reason[]>> = {
  'seen-1': ['restricted'],
  'seen-2': ['restricted', 'code', 'sensitivity'],
  'seen-3': ['restricted', 'period'],
};
const HIDDEN = ['hidden-1', 'hidden-2', 'hidden-3'];
const EACH = 25;

/**
 * A whole server with records of patients whom a caller may see, and of patients whom he may not: to the pharmacy those
 * have permitted nothing, to the doctor they have forbidden everything. What is confidential neither of them sees, nor what
 * the other patients' consents leave out: by codes, sensitivity and time.
 */
export class HiddenWorld {
  readonly #app: TestApp;
  readonly #random: Random;
  /** Current resources that the callers may not see, by path. */
  readonly #hidden = new Map<string, Sample>();
  #made = 0;
  readonly seen: Sample[] = [...commonSamples];

  private constructor(app: TestApp, random: Random) {
    this.#app = app;
    this.#random = random;
  }

  static async start(random: Random): Promise<HiddenWorld> {
    const world = new HiddenWorld(await startApp(), random);
    try {
      await world.#fill();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  readonly callers: readonly Caller[] = [people.pharmacist, people.doctor];

  ask(caller: Caller, path: string): Promise<Answer> {
    return this.#app.ask(caller, 'GET', path);
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  /** What is there now that the callers may not see. */
  hidden(): readonly Sample[] {
    return [...this.#hidden.values()];
  }

  /** Creates, changes, deletes some of what is hidden, or lets others see more or less of it. */
  async change(): Promise<void> {
    for (let left = 1 + this.#random.below(4); left > 0; left--) await this.#changeOne();
  }

  async #changeOne(): Promise<void> {
    const random = this.#random;
    const records = this.hidden().filter(({ resourceType }) => resourceType !== 'Patient');
    const kind = random.next();
    if (kind < 0.3 || records.length < EACH) await this.#addHidden(random.pick(HIDDEN));
    else if (kind < 0.55) {
      const { resourceType, id } = random.pick(records);
      await this.#send('DELETE', `${resourceType}/${id}`);
      this.#hidden.delete(`${resourceType}/${id}`);
    } else if (kind < 0.65) await this.#putHidden(patientSample(random, random.pick(HIDDEN)));
    else if (kind < 0.8) await this.#addConcealed(random.pick(Object.keys(SEEN)));
    else if (kind < 0.9) await this.#moveDocument();
    else {
      // Another's permission comes and goes.
      const of = random.pick(HIDDEN);
      const permit = {
        type: random.pick(['permit', 'deny']),
        actor: actor('Organization/elsewhere'),
      };
      await this.#put(consent(`other-${of}`, of, permit));
    }
  }

  /** What stands for a Binary changes: its label, or whose it is. */
  async #moveDocument(): Promise<void> {
    const random = this.#random;
    const documents = this.hidden().filter(
      ({ resourceType }) => resourceType === 'DocumentReference',
    );
    if (documents.length === 0) return;
    const document = random.pick(documents);
    const moved = HIDDEN.some((of) => isOf(document.subject, of))
      ? { ...document, subject: { reference: `Patient/${random.pick(HIDDEN)}` } }
      : concealed(random, document, 'restricted');
    await this.#putHidden(moved);
  }

  async #fill(): Promise<void> {
    const random = this.#random;
    for (const sample of commonSamples) await this.#put(sample);
    for (const [of, reasons] of Object.entries(SEEN)) {
      const record = [patientSample(random, of)];
      for (let i = 0; i < EACH; i++)
        record.push(recordSample(random, { id: `${of}-${i}`, of, others: record }));
      record.push(...contentsOf(record));
      for (const sample of record) await this.#put(sample);
      this.seen.push(...record);
      const provision = reasons.flatMap((reason) => exceptions[reason]);
      const left = provision.length === 0 ? {} : { provision };
      await this.#put(consent(`pharmacy-${of}`, of, { ...PERMIT, ...left }));
      await this.#put(consent(`staff-${of}`, of, { ...PERMIT, actor: DOCTOR, ...left }));
      for (let i = 0; i < EACH / 5; i++) await this.#addConcealed(of);
    }
    for (const of of HIDDEN) {
      await this.#putHidden(patientSample(random, of));
      await this.#put(consent(`doctor-${of}`, of, { type: 'deny', actor: DOCTOR }));
      for (let i = 0; i < EACH; i++) await this.#addHidden(of);
    }
  }

  async #addHidden(of: string): Promise<void> {
    const others = this.hidden().filter(({ subject }) => isOf(subject, of));
    const sample = recordSample(this.#random, { id: this.#newId(), of, others });
    for (const one of [sample, ...contentsOf([sample])]) await this.#putHidden(one);
  }

  async #addConcealed(of: string): Promise<void> {
    const others = this.seen.filter(({ subject }) => isOf(subject, of));
    const sample = recordSample(this.#random, { id: this.#newId(), of, others });
    const hidden = concealed(this.#random, sample, this.#random.pick(SEEN[of] ?? []));
    for (const one of [hidden, ...contentsOf([hidden])]) await this.#putHidden(one);
  }

  /** Ids that come before, between and after the others. */
  #newId(): string {
    return `${this.#random.pick(['a', 'm', 'seen-1-1', 'z'])}-${++this.#made}`;
  }

  async #putHidden(sample: Sample): Promise<void> {
    await this.#put(sample);
    this.#hidden.set(`${sample.resourceType}/${sample.id}`, sample);
  }

  #put(sample: { readonly resourceType: string; readonly id: string }): Promise<void> {
    return this.#send('PUT', `${sample.resourceType}/${sample.id}`, JSON.stringify(sample));
  }

  async #send(method: 'PUT' | 'DELETE', path: string, body?: string): Promise<void> {
    const answer = await this.#app.ask(
      people.ehr,
      method,
      path,
      body === undefined ? {} : { body },
    );
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
}

const PHARMACY = actor('Organization/pharmacy');
/** Nothing that is more confidential than usual. */
const PERMIT = {
  type: 'permit',
  actor: PHARMACY,
  securityLabel: [{ system: CONFIDENTIALITY, code: 'N' }],
};

function contentsOf(record: readonly Sample[]): readonly Sample[] {
  return record.filter(({ resourceType }) => resourceType === 'DocumentReference').map(contentOf);
}

const DOCTOR = actor('Practitioner/doctor');

function isOf(subject: unknown, patient: string): boolean {
  return (
    (subject as { readonly reference?: string } | undefined)?.reference === `Patient/${patient}`
  );
}
