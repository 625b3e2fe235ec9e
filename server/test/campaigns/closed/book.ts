import type { Actor } from './actors.ts';

/** Something that is not as the policy says. */
export interface Fault {
  readonly kind:
    | 'leak'
    | 'wrongful denial'
    | 'changed unseen'
    | 'oracle'
    | 'not joined'
    | 'server error'
    | 'permitted wrongly';
  readonly actor: string;
  readonly way: string;
  readonly state: string;
  /** The request. */
  readonly input: string;
  readonly expected: string;
  readonly got: string;
}

/** Who did what with what. */
export interface Drawn {
  readonly actor: Actor;
  readonly way: string;
  readonly state: string;
}

/** An answer that showed data of this patient, or a write of them, and must stand in the patient's access log. */
export interface Due {
  readonly patient: string;
  readonly request: string;
  readonly drawn: Drawn;
  readonly input: string;
  /** A write also leaves a line in the server's log. */
  readonly written: boolean;
}

/** Keeps count of what was asked, and what was wrong. */
export class Book {
  readonly faults: Fault[] = [];
  readonly dues: Due[] = [];
  readonly counts = {
    actor: new Map<string, number>(),
    way: new Map<string, number>(),
    state: new Map<string, number>(),
    expected: new Map<string, number>(),
  };
  requests = 0;

  asked({ actor, way, state }: Drawn): void {
    this.requests += 1;
    for (const [of, name] of [
      ['actor', actor.name],
      ['way', way],
      ['state', state],
    ] as const) {
      this.count(of, name);
    }
  }

  count(of: keyof Book['counts'], name: string): void {
    this.counts[of].set(name, (this.counts[of].get(name) ?? 0) + 1);
  }

  fault(
    { actor, way, state }: Drawn,
    found: Pick<Fault, 'kind' | 'input' | 'expected' | 'got'>,
  ): void {
    this.faults.push({ actor: actor.name, way, state, ...found });
  }
}
