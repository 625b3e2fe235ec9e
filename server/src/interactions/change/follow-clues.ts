import { UNPLACED } from '../../consent/unplaced.ts';
import type { Data } from '../../access/groups.ts';
import type { Clue } from '../../r4/clue.ts';

export type Made = ReadonlyMap<string, readonly string[]>;

/** Says where a clue led. */
export interface Led {
  readonly element: string;
  /** Patients, `UNPLACED` among them where what it leads to is of somebody who cannot be told. */
  readonly patients: readonly string[];
  /** It means somebody, but cannot be followed, or not yet. */
  readonly isUnknown: boolean;
  /** It leads to a thing that concerns nobody, and may concern somebody tomorrow: a Device, a Group. */
  readonly isThing?: true;
}

/** Follows clues to what is stored, or written in the same step, each of them once. */
export class Lookups {
  /** Names what was looked for and may tell more when it comes. */
  readonly awaited = new Set<string>();
  /** Elements that lead to what is of somebody who cannot be told. */
  readonly unplaced = new Set<string>();
  readonly #services: Pick<Data, 'store'>;
  readonly #itself: string;
  readonly #made: Made;
  readonly #known = new Map<string, Promise<readonly string[] | undefined>>();

  constructor(services: Pick<Data, 'store'>, resource: object, made: Made) {
    const { resourceType, id } = resource as {
      readonly resourceType: string;
      readonly id?: string;
    };
    this.#services = services;
    this.#itself = `${resourceType}/${id ?? ''}`;
    this.#made = made;
  }

  follow(clues: readonly Clue[]): Promise<readonly Led[]> {
    return Promise.all(clues.map((clue) => this.#led(clue)));
  }

  async #led(clue: Clue): Promise<Led> {
    const { element } = clue;
    switch (clue.kind) {
      case 'nobody':
        return { element, patients: [], isUnknown: false };
      case 'unknown':
      case 'inside':
        return { element, patients: [], isUnknown: true };
      case 'patient':
        return this.#found(element, `Patient/${clue.id}`, async () => {
          return (await this.#stored(`Patient/${clue.id}`)) ?? [clue.id];
        });
      case 'resource':
        return this.#thing(
          clue.target,
          await this.#found(element, clue.target, () => this.#stored(clue.target)),
        );
      case 'identifier':
        return this.#found(element, `${clue.system}|${clue.value}`, () => this.#identified(clue));
    }
  }

  async #found(
    element: string,
    key: string,
    look: () => Promise<readonly string[] | undefined>,
  ): Promise<Led> {
    if (key === this.#itself) return { element, patients: [], isUnknown: false };
    const asked = this.#known.get(key) ?? look();
    this.#known.set(key, asked);
    const patients = await asked;
    if (patients === undefined || patients.includes(UNPLACED)) this.awaited.add(key);
    if (patients?.includes(UNPLACED) === true) this.unplaced.add(element);
    return { element, patients: patients ?? [], isUnknown: patients === undefined };
  }

  #thing(target: string, led: Led): Led {
    if (target === this.#itself || led.isUnknown || led.patients.length > 0) return led;
    this.awaited.add(target);
    return { ...led, isThing: true };
  }

  async #stored(target: string): Promise<readonly string[] | undefined> {
    const [type = '', id = ''] = target.split('/');
    return (
      this.#made.get(target) ?? (await this.#services.store.versions.current(type, id))?.patients
    );
  }

  /** One patient has this identifier, or nobody can be told by it. */
  async #identified({ system, value }: Extract<Clue, { kind: 'identifier' }>) {
    const { matches } = await this.#services.store.versions.search({
      type: 'Patient',
      filter: { op: 'token', param: 'identifier', system, code: value },
      sort: [],
      count: 2,
      total: 'none',
    });
    const [only, ...others] = matches;
    return only === undefined || others.length > 0 ? undefined : [only.id];
  }
}
