import { chooseDriver, SELECTIVE_BELOW } from './choose-driver.ts';
import type { Looking } from './choose-driver.ts';
import type { Past } from './past.ts';
import type { Driver, Part } from './sources-sql.ts';
import { TEST_COST } from './work-budget.ts';

/** Candidates that may have to be tested at one go, and what looking for a criterion with so few may cost. */
const MOST = 8_192;
const CHOICE_WORK = 30_000;
/** Commits looked at for the size of a type, evenly over all there are. */
const LOOKS = 32;

/** Criteria that no small number of resources satisfies, but by which a page is found sooner than in its own order. */
export class Shortcuts {
  readonly #past: Pick<Past, 'newest'>;
  readonly #looking: Looking;
  readonly #shares = new Map<string, { readonly share: number; readonly newest: number }>();

  constructor(looking: Looking, past: Pick<Past, 'newest'>) {
    this.#looking = looking;
    this.#past = past;
  }

  /**
   * A criterion with fewer candidates than the order passes before so many rows are found, at best: if every candidate is
   * one. What lies beyond `orderedWork` the order does not reach.
   */
  find(
    { conjuncts, scope }: Part,
    { rows, orderedWork }: { readonly rows: number; readonly orderedWork: number },
  ): Driver | undefined {
    const passed = rows * this.#sizeOf(scope.type);
    const fewer = Math.max(Math.sqrt(passed), passed / (orderedWork / TEST_COST));
    const bound = Math.floor(Math.min(fewer, MOST));
    if (bound <= SELECTIVE_BELOW) return undefined;
    const found = this.#looking.budget.attempt(CHOICE_WORK, () =>
      chooseDriver(conjuncts, scope, this.#looking, [bound]),
    );
    return found?.selective ? found : undefined;
  }

  /** About how many resources of the type there are, what was replaced included; of a type with few maybe none. */
  #sizeOf(type: string): number {
    const newest = this.#past.newest();
    const known = this.#shares.get(type);
    // Looked up again when there is half as much again: new pages of the file are read for it.
    if (known && newest <= 1.5 * known.newest) return known.share * newest;
    const vids = Array.from({ length: LOOKS }, (_, i) => 1 + Math.floor((i * newest) / LOOKS));
    const found = this.#looking.statements.of(AMONG).get(type, JSON.stringify(vids));
    const share = Number(found?.n) / LOOKS;
    this.#shares.set(type, { share, newest });
    return share * newest;
  }
}

const AMONG = `SELECT count(*) AS n FROM type_change
  WHERE type = ? AND vid IN (SELECT value FROM json_each(?))`;
