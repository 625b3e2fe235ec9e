import { createHmac } from 'node:crypto';
import type { Store } from '../store/store.ts';

const COLLECTION = 'subject-secret';

/**
 * Names patients on the ledger. A pseudonym is HMAC-SHA256(per-patient random secret, `Patient/id`), cut to
 * 32 hex digits: destroying the secret makes everything on the ledger about this patient unlinkable.
 */
export class Subjects {
  readonly #store: Pick<Store, 'records' | 'write'>;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #known = new Map<string, Promise<string>>();
  readonly #patients = new Map<string, string>();
  readonly #limit: number;

  constructor(
    store: Pick<Store, 'records' | 'write'>,
    random: (bytes: number) => Uint8Array,
    limit = 100_000,
  ) {
    this.#store = store;
    this.#random = random;
    this.#limit = limit;
  }

  /** The pseudonym of a patient; its secret is made and durable before the first answer. */
  of(patient: string): Promise<string> {
    const known = this.#known.get(patient);
    if (known !== undefined) return known;
    const made = this.#load(patient);
    if (this.#known.size >= this.#limit) this.#forgetOldest();
    this.#known.set(patient, made);
    made.catch(() => this.#known.delete(patient));
    return made;
  }

  /** The patient behind a pseudonym given out by this process, as long as it is remembered. */
  patientOf(subject: string): string | undefined {
    return this.#patients.get(subject);
  }

  async #load(patient: string): Promise<string> {
    let secret = await this.#store.records.record(COLLECTION, patient);
    if (secret === undefined) {
      const fresh = this.#random(32);
      // Another replica may make it at the same moment: the first one stays.
      await this.#store
        .write({
          records: [{ collection: COLLECTION, key: patient, value: fresh, expected: null }],
        })
        .catch(async (error: unknown) => {
          if ((await this.#store.records.record(COLLECTION, patient)) === undefined) throw error;
        });
      secret = (await this.#store.records.record(COLLECTION, patient)) ?? fresh;
    }
    const subject = createHmac('sha256', secret)
      .update(`Patient/${patient}`)
      .digest('hex')
      .slice(0, 32);
    this.#patients.set(subject, patient);
    return subject;
  }

  #forgetOldest(): void {
    for (const [oldest, subject] of this.#known) {
      this.#known.delete(oldest);
      void subject.then((name) => this.#patients.delete(name)).catch(() => undefined);
      return;
    }
  }
}
