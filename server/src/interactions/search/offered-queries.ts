import { definedQueries } from './named-queries.ts';
import type { Services } from '../services.ts';

/** A named query as the CapabilityStatement lists it. */
interface OfferedQuery {
  readonly name: string;
  readonly definition: string;
  readonly level: 'system' | 'type';
  readonly types?: readonly string[];
}

/** Says how long, in ms, it may stay unknown what other servers of the store were told. */
const KNOWN_FOR = 4_000;

/** The named queries that can be asked. Anyone may ask for them, so that they are not looked up each time. */
export class OfferedQueries {
  readonly #services: Pick<Services, 'store' | 'r4' | 'base'>;
  readonly #now: () => number;
  #known: { readonly at: number; readonly all: Promise<readonly OfferedQuery[]> } | undefined;

  /** @param now milliseconds, of any origin */
  constructor(services: Pick<Services, 'store' | 'r4' | 'base'>, now: () => number) {
    this.#services = services;
    this.#now = now;
  }

  /** Definitions were written here. */
  forget(): void {
    this.#known = undefined;
  }

  all(): Promise<readonly OfferedQuery[]> {
    const at = this.#now();
    if (this.#known !== undefined && at - this.#known.at < KNOWN_FOR) return this.#known.all;
    const known = { at, all: this.#load() };
    this.#known = known;
    known.all.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known.all;
  }

  async #load(): Promise<readonly OfferedQuery[]> {
    const { base } = this.#services;
    const all = await definedQueries(this.#services);
    return all.flatMap(({ id, name, url, type, types, system }): readonly OfferedQuery[] => {
      const definition = url ?? `${base}/OperationDefinition/${id}`;
      return [
        ...(system ? [{ name, definition, level: 'system' as const }] : []),
        ...(type ? [{ name, definition, level: 'type' as const, types }] : []),
      ];
    });
  }
}
