import { people, type Caller } from '../../support/app.ts';
import { consent } from '../../support/clinical-samples.ts';
import { serverProcess, type LoggedProcess } from '../../support/server-process.ts';
import { newCanary } from './canaries.ts';
import type { Facts, Rules } from './policy.ts';
import { patientSample, sample, TYPES, type Said } from './samples.ts';
import { ACT_CODE, HIT, idOf, MISS, provisionOf, STATES, type State } from './states.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** A resource of this world, with all that the policy asks about it. */
export interface Held {
  readonly state: State;
  /** It meets the criterion of its state. */
  readonly hit: boolean;
  readonly facts: Facts;
  readonly category: string;
  /** What stands for a Binary. */
  readonly context: Facts | undefined;
}

/** A whole server, in a process of its own, with patients of every state and of each a resource of every type. */
export class World {
  readonly server: LoggedProcess;
  /** Whose text each canary is. */
  readonly owners = new Map<string, Held>();
  readonly rules: Rules = new Map(
    STATES.filter(({ unassigned }) => !unassigned).map(({ name, rules }) => [name, rules]),
  );
  /** What stands there from the start, and no write of a slice may change. */
  readonly standing: Held[] = [];
  readonly #canaries = new Map<Held, string>();
  /** ETags of what was put there. */
  readonly #versions = new Map<Held, string>();
  #made = 0;

  private constructor(server: LoggedProcess) {
    this.server = server;
  }

  static async start(): Promise<World> {
    const world = new World(await serverProcess({ CHARTSEAL_LOG_LEVEL: 'info' }));
    try {
      await world.server.start();
      for (const state of STATES) await world.#fill(state);
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  close(): Promise<void> {
    return this.server.remove();
  }

  /** Who sees this resource whatever consents say: its patient, and of what is unassigned the administration. */
  ownerOf({ facts }: Held): Caller {
    if (facts.of === undefined) return { ...people.ehr, role: 'admin' };
    return (OWNERS[facts.of] ??= {
      ...people.patientA,
      patient: facts.of,
      user: `Patient/${facts.of}`,
    });
  }

  canaryOf(held: Held): string {
    return this.#canaries.get(held) ?? '';
  }

  /** A text like the one of this resource, and on record as its own. */
  anotherCanary(held: Held): string {
    const canary = newCanary();
    this.owners.set(canary, held);
    return canary;
  }

  /** The same resource under an id of its own. */
  like(held: Held, id = `made-${(this.#made += 1)}`): Held {
    return { ...held, facts: { ...held.facts, id } };
  }

  /** The resource as text, with this canary. */
  textOf(held: Held, canary: string): object {
    const { facts, state, hit } = held;
    if (facts.type === 'Patient') return patientSample(facts.id, canary);
    return sample(facts.type, this.#said(held, canary, { state, hit }));
  }

  /** Puts it there by the custodian's own system, where that may. */
  put(held: Held): Promise<Held> {
    return this.#put(held, held.state.madeByOwner ? this.ownerOf(held) : people.ehr);
  }

  /** Puts back what somebody changed who should not have. */
  restore(held: Held): Promise<Held> {
    return this.#put(held, this.ownerOf(held));
  }

  /** `unchanged` since it was put there, or what its owner finds instead. */
  async stateOf(held: Held): Promise<string> {
    const path = `${held.facts.type}/${held.facts.id}`;
    const { status, headers } = await this.server.ask(this.ownerOf(held), 'GET', path);
    const found = `${status} ${headers.get('etag') ?? ''}`;
    return found === `200 ${this.#versions.get(held) ?? ''}` ? 'unchanged' : found;
  }

  async #put(held: Held, caller: Caller): Promise<Held> {
    const canary = this.anotherCanary(held);
    this.#canaries.set(held, canary);
    const path = `${held.facts.type}/${held.facts.id}`;
    this.#versions.set(held, await this.#send(caller, path, this.textOf(held, canary)));
    return held;
  }

  async #fill(state: State): Promise<void> {
    if (!state.unassigned) this.standing.push(await this.#put(this.#patient(state), people.ehr));
    for (const hit of state.halved ? [true, false] : [true]) {
      for (const type of TYPES) {
        this.standing.push(await this.put(this.#held({ state, hit, type })));
      }
    }
    for (const [i, rule] of state.rules.entries()) await this.#record(state, `${i}`, rule);
    for (const [i, rule] of (state.former ?? []).entries()) {
      await this.#record(state, `former-${i}`, rule);
      await this.#record(state, `former-${i}`, rule, 'inactive');
    }
  }

  #record(state: State, name: string, rule: State['rules'][number], status = 'active') {
    const id = `${state.name}-${name}`;
    const resource = { ...consent(id, state.name, provisionOf(rule)), status };
    return this.#send(people.ehr, `Consent/${id}`, resource);
  }

  #patient(state: State): Held {
    const facts = { type: 'Patient', id: state.name, of: state.name, ...NOTHING_SPECIAL };
    return { state, hit: false, facts, category: '', context: undefined };
  }

  #held({ state, hit, type }: { state: State; hit: boolean; type: string }): Held {
    const { code, label, day } = hit ? HIT : MISS;
    const facts: Facts = {
      type,
      id: idOf(state.name, hit),
      of: state.unassigned ? undefined : state.name,
      confidentiality: state.confidentiality ?? 'N',
      labels: label !== undefined && state.name === 'denies-labels' ? [label] : [],
      codes: type === 'Binary' ? [] : [code],
      day: type === 'Binary' ? undefined : day,
    };
    const context = type === 'Binary';
    return {
      state,
      hit,
      facts,
      category: hit ? 'laboratory' : 'vital-signs',
      context: context ? { ...facts, type: 'DocumentReference', codes: [code], day } : undefined,
    };
  }

  #said(
    { facts, category, context }: Held,
    canary: string,
    { state, hit }: { readonly state: State; readonly hit: boolean },
  ): Said {
    const { code, day } = hit ? HIT : MISS;
    const { confidentiality, labels } = facts;
    return {
      id: facts.id,
      canary,
      subject: state.unassigned ? state.unassigned.subject : { reference: `Patient/${state.name}` },
      contained: state.unassigned?.contained ?? [],
      code,
      day,
      category,
      security: [
        ...(confidentiality === 'N' ? [] : [{ system: CONFIDENTIALITY, code: confidentiality }]),
        ...labels.map((label) => ({ system: ACT_CODE, code: label })),
      ],
      context: `DocumentReference/${context?.id ?? ''}`,
    };
  }

  async #send(caller: Caller, path: string, resource: object): Promise<string> {
    const answer = await this.server.ask(caller, 'PUT', path, { body: JSON.stringify(resource) });
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`);
    return answer.headers.get('etag') ?? '';
  }
}

const OWNERS: Record<string, Caller> = {};
const NOTHING_SPECIAL = {
  confidentiality: 'N',
  labels: [],
  codes: [],
  day: undefined,
} as const;
