import assert from 'node:assert/strict';
import { people, type Answer, type TestApp } from './app.ts';
import { actor, consent, observation, patient } from './clinical-samples.ts';
import { randomOf } from './moving-world.ts';

const patients = 8;
const perWriter = 5;

/** When a version is surely current: from the answer to its write until the next write begins. */
interface Version {
  readonly begun: number;
  readonly done: number;
  readonly version: string;
  readonly of: string;
  over?: number;
}

/** When a patient is surely hidden: from `done` to `over`; and surely not: before `begun` and after `ended`. */
interface Hiding {
  readonly begun: number;
  done: number;
  over: number;
  ended: number;
}

/** From one tick of the world's clock to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Observations that several writers change all the time, of patients whom consents hide from another doctor and show again. */
export class HidingWorld {
  /** Versions of each Observation. */
  readonly versions = new Map<string, Version[]>();
  readonly #hidden = new Map<string, Hiding[]>();
  readonly #server: TestApp;
  readonly #seed: number;
  #clock = 0;
  #stopped = false;

  constructor(server: TestApp, seed: number) {
    this.#server = server;
    this.#seed = seed;
  }

  tick(): number {
    return (this.#clock += 1);
  }

  stop(): void {
    this.#stopped = true;
  }

  timesHidden(): number {
    return [...this.#hidden.values()].flat().length;
  }

  /** Without deletions. */
  written(): number {
    return [...this.versions.values()].flat().length;
  }

  surelyHidden(of: string, { from, to }: Span): boolean {
    return (this.#hidden.get(of) ?? []).some(({ done, over }) => done < from && over > to);
  }

  maybeHidden(of: string, { from, to }: Span): boolean {
    return (this.#hidden.get(of) ?? []).some(({ begun, ended }) => begun <= to && ended >= from);
  }

  /** As the doctor who may not see everything. */
  async look(path: string): Promise<Answer> {
    const answer = await this.#server.ask(people.otherDoctor, 'GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    return answer;
  }

  async populate(): Promise<void> {
    for (let p = 0; p < patients; p += 1)
      await this.#change('PUT', `Patient/p${p}`, patient(`p${p}`, `F${p}`));
  }

  /** Writes until it is stopped. */
  async write(writer: number): Promise<void> {
    const random = randomOf(this.#seed + writer);
    while (!this.#stopped) {
      const id = `w${writer}-${random(perWriter)}`;
      // An Observation stays its patient's.
      const of = `p${(writer + Number(id.at(-1))) % patients}`;
      const known = this.versions.get(id) ?? [];
      this.versions.set(id, known);
      const last = known.at(-1);
      const begun = this.tick();
      if (last?.over === undefined && last !== undefined && random(5) === 0) {
        last.over = begun;
        await this.#change('DELETE', `Observation/${id}`);
      } else {
        if (last) last.over ??= begun;
        const value = { value: random(9), system: 'http://unitsofmeasure.org', code: 'mg' };
        const body = { ...observation(id, of, `c${random(3)}`), valueQuantity: value };
        const answer = await this.#change('PUT', `Observation/${id}`, body);
        const { meta } = answer.json() as { meta: { versionId: string } };
        known.push({ begun, done: this.tick(), version: meta.versionId, of });
      }
      await pause(5);
    }
  }

  /** Hides a patient, or shows one again, until it is stopped. */
  async decide(): Promise<void> {
    const random = randomOf(this.#seed + 99);
    while (!this.#stopped) {
      const of = `p${random(patients)}`;
      const spans = this.#hidden.get(of) ?? [];
      this.#hidden.set(of, spans);
      const last = spans.at(-1);
      const begun = this.tick();
      const rule = { type: 'deny', actor: actor('Practitioner/other-doctor') };
      const given = consent(`c-${of}`, of, rule);
      if (last?.over === Infinity) {
        last.over = begun;
        await this.#change('PUT', `Consent/c-${of}`, { ...given, status: 'inactive' });
        last.ended = this.tick();
      } else {
        const span = { begun, done: Infinity, over: Infinity, ended: Infinity };
        spans.push(span);
        await this.#change('PUT', `Consent/c-${of}`, given);
        span.done = this.tick();
      }
      await pause(20);
    }
  }

  async #change(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
    const more = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await this.#server.ask(people.ehr, method, path, more);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }
}

function pause(ms: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
