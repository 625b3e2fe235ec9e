import type { Answer, Client } from './client.ts';
import { runPhase, type Task } from './phase.ts';
import { observation, patient, randomFrom, type Observed } from './resources.ts';

interface Written extends Observed {
  readonly id: string;
}

interface BenchPatient {
  readonly id: string;
  readonly resource: object;
  version: number;
  /** An update is under way. */
  busy: boolean;
}

/** Keeps what the bench has written so far, and requests over it whose right answers it therefore knows. */
export class Workload {
  readonly #random: () => number;
  readonly #patients: BenchPatient[] = [];
  readonly #observations: { readonly id: string; readonly patient: string }[] = [];
  readonly #byPatient = new Map<string, Written[]>();
  #turn = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** @throws Error when the patients could not be written */
  async prepare(client: Client, patients: number): Promise<void> {
    let made = 0;
    const next = (): Task | undefined => {
      if (made >= patients) return undefined;
      made += 1;
      const resource = patient(this.#random, made);
      return {
        method: 'POST',
        path: 'Patient',
        body: JSON.stringify(resource),
        check: (answer) => {
          const id = created(answer, 'Patient');
          if (id === undefined) return unexpected(answer);
          this.#patients.push({ id, resource, version: 1, busy: false });
          return undefined;
        },
      };
    };
    const result = await runPhase(client, 'prepare', { clients: 16, seconds: 120, next });
    if (result.wrong > 0 || this.#patients.length < patients) {
      throw new Error(`the patients could not be written: ${result.reasons.join('; ')}`);
    }
  }

  create(): Task {
    const owner = this.#nextPatient();
    const observed = observation(this.#random, owner.id);
    return {
      method: 'POST',
      path: 'Observation',
      body: JSON.stringify(observed.resource),
      check: (answer) => {
        const id = created(answer, 'Observation');
        if (id === undefined) return unexpected(answer);
        this.#observations.push({ id, patient: owner.id });
        const list = this.#byPatient.get(owner.id) ?? [];
        list.push({ ...observed, id });
        this.#byPatient.set(owner.id, list);
        return undefined;
      },
    };
  }

  update(): Task {
    let owner = this.#nextPatient();
    while (owner.busy) owner = this.#nextPatient();
    owner.busy = true;
    const body = JSON.stringify({
      ...owner.resource,
      id: owner.id,
      active: owner.version % 2 === 0,
    });
    return {
      method: 'PUT',
      path: `Patient/${owner.id}`,
      body,
      check: (answer) => {
        owner.busy = false;
        owner.version += 1;
        const right = answer.status === 200 && answer.etag === `W/"${owner.version}"`;
        return right ? undefined : `${unexpected(answer)}, ETag ${answer.etag ?? 'none'}`;
      },
    };
  }

  read(): Task {
    const wanted = this.#observations[Math.floor(this.#random() * this.#observations.length)];
    if (wanted === undefined) throw new Error('nothing was written to be read');
    return {
      method: 'GET',
      path: `Observation/${wanted.id}`,
      check: (answer) => {
        if (answer.status !== 200) return unexpected(answer);
        const { id, subject } = JSON.parse(answer.text) as {
          id: string;
          subject: { reference: string };
        };
        const right = id === wanted.id && subject.reference === `Patient/${wanted.patient}`;
        return right ? undefined : `another resource: ${id}`;
      },
    };
  }

  search(): Task {
    const owner = this.#nextPatient();
    const own = this.#byPatient.get(owner.id) ?? [];
    const code = own[Math.floor(this.#random() * own.length)]?.code ?? '8867-4';
    const wanted = own.filter((each) => each.code === code).sort((a, b) => (a.at < b.at ? 1 : -1));
    return {
      method: 'GET',
      path: `Observation?patient=${owner.id}&code=http%3A%2F%2Floinc.org%7C${code}&_sort=-date&_count=20`,
      check: (answer) => {
        if (answer.status !== 200) return unexpected(answer);
        const bundle = JSON.parse(answer.text) as { entry?: { resource: { id: string } }[] };
        const found = (bundle.entry ?? []).map((entry) => entry.resource.id);
        const expected = wanted.slice(0, 20).map((each) => each.id);
        const right =
          found.length === expected.length && found.every((id, i) => id === expected[i]);
        return right
          ? undefined
          : `${found.length} results, ${expected.length} expected, or another order`;
      },
    };
  }

  #nextPatient(): BenchPatient {
    this.#turn += 1;
    const owner = this.#patients[this.#turn % this.#patients.length];
    if (owner === undefined) throw new Error('no patients were prepared');
    return owner;
  }
}

function created(answer: Answer, type: string): string | undefined {
  if (answer.status !== 201) return undefined;
  return new RegExp(`/${type}/([A-Za-z0-9.-]{1,64})/_history/1$`).exec(answer.location ?? '')?.[1];
}

function unexpected(answer: Answer): string {
  return `status ${answer.status} ${answer.text.slice(0, 200)}`;
}
