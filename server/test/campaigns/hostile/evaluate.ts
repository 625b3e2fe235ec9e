import { FhirError } from '../../../src/fhir/errors.ts';
import type { SearchQuery } from '../../../src/search/query.ts';
import { SearchTooCostly } from '../../../src/store/errors.ts';
import type { Target } from '../../support/hostile-queries.ts';
import { throughEveryLink } from '../search/through-every-link.ts';
import { blockedBy, LONGEST } from './unhurried.ts';
import type { WatchedStore } from './watched-store.ts';

const MOST_FAULTS = 50;

/** Lets a store evaluate hostile searches, and gathers what should not happen. */
export class Evaluation {
  readonly #watched: WatchedStore;
  readonly #faults: string[] = [];
  #count = 0;
  #longest = 0;
  #costly = 0;

  constructor(watched: WatchedStore) {
    this.#watched = watched;
  }

  async evaluate({ type, name }: Target, value: string, parsed: SearchQuery): Promise<void> {
    const { store, vocabulary } = this.#watched;
    const asking = `${type}?${name}=${value.slice(0, 60)}`.replaceAll(/[^\x20-\x7e]/g, '?');
    const total = this.#count % 2 === 0 ? 'none' : 'accurate';
    const query = throughEveryLink<SearchQuery>({ ...parsed, total });
    const search = () =>
      store.versions.search(query).catch((error: unknown) => this.#judge(asking, error));
    this.#count += 1;
    vocabulary.asking = asking;
    const start = performance.now();
    await search();
    if (performance.now() - start <= LONGEST) return;
    const blocked = await blockedBy(search);
    this.#longest = Math.max(this.#longest, blocked);
    if (blocked > LONGEST) this.#fault(`${asking}: blocked others for ${blocked.toFixed(0)} ms`);
  }

  /** From now on nothing new may reach the database but values. */
  learnt(): void {
    this.#watched.vocabulary.learning = false;
    this.#count = 0;
  }

  report(): readonly string[] {
    const { name, vocabulary, statements } = this.#watched;
    const faults = [...this.#faults, ...vocabulary.strange()].map((fault) => `${name}: ${fault}`);
    console.log(
      `${name}: ${this.#count} hostile searches evaluated, ${this.#costly} refused as too costly; ${statements()} of ${vocabulary.size} words, ${vocabulary.strange().length} of which harmless searches do not use; ${faults.length} faults`,
    );
    return faults;
  }

  #judge(asking: string, error: unknown): void {
    if (error instanceof SearchTooCostly) this.#costly += 1;
    // A page link of somebody's own making, and what only the search of several types understands.
    else if (!(error instanceof RangeError || error instanceof FhirError)) {
      this.#fault(`${asking}: ${String(error)}`);
    }
  }

  #fault(what: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(what);
  }
}
