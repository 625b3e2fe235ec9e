import { compartmentTypes, typesInside } from '../../../oracle/compartments.ts';
import type { Compartment } from '../../../oracle/compartments.ts';
import type { Corpus, Held } from '../../../oracle/corpus.ts';
import type { IncludeAsked, Way, Ways } from '../../../oracle/includes.ts';
import { allParameters } from '../../../oracle/parameters.ts';
import type { Criterion } from '../../../oracle/question.ts';
import { Asker } from '../random-question.ts';
import type { Random } from '../random.ts';
import { fits } from './fits.ts';
import type { Inside } from './wide-expected.ts';
import type { WideQuestion } from './wide-question.ts';

/** Every type that a search of the whole server may be of. */
const allTypes: readonly string[] = [
  ...new Set(['Binary', 'Parameters', ...allParameters.flatMap(({ bases }) => bases)]),
].filter((type) => type !== 'Resource' && type !== 'DomainResource');

/** Questions of several types, compartments and what goes along; the same seed asks the same. */
export class WideAsker {
  readonly #corpus: Corpus;
  readonly #asker: Asker;
  readonly #inside: Inside;
  readonly #ways: Ways;
  readonly #random: Random;

  constructor(
    corpus: Corpus,
    by: { readonly inside: Inside; readonly ways: Ways; readonly random: Random },
  ) {
    this.#corpus = corpus;
    this.#random = by.random;
    this.#asker = new Asker(corpus, by.random);
    this.#inside = by.inside;
    this.#ways = by.ways;
  }

  question(): WideQuestion {
    const random = this.#random;
    const about = random.pick(this.#corpus.all);
    const within = random.chance(0.4) ? this.#compartmentOf(about) : undefined;
    const focus = within === undefined ? about : this.#memberOf(within, about);
    const criteria = this.#criteria(focus);
    const types = this.#types(focus, within, criteria);
    const searched = types ?? (within ? typesInside(within.type) : allTypes);
    const total = random.chance(0.6)
      ? random.pick(['none', 'estimate', 'accurate'] as const)
      : undefined;
    return {
      ...(within && { within }),
      types,
      typeInPath: types?.length === 1 && random.chance(0.7),
      criteria: criteria.filter((one) => searched.every((type) => fits(one, focus.type, type))),
      sort: this.#asker.sortOfAll(searched),
      count: random.pick(types === undefined ? [9, 20, 50, 1000] : [2, 3, 5, 10, 50, 1000]),
      includes: this.#includes(focus, searched),
      ...(total && { total }),
      countOnly: random.chance(0.05),
      post: random.chance(0.15),
    };
  }

  #criteria(focus: Held): readonly Criterion[] {
    const random = this.#random;
    return Array.from({ length: random.pick([0, 1, 1, 1, 2]) }, () =>
      this.#asker.criterionAbout(focus),
    ).filter((criterion) => criterion !== undefined);
  }

  /** One that the resource lies in; sometimes another, or one of nobody. */
  #compartmentOf(held: Held): Compartment {
    const random = this.#random;
    const own = this.#inside.of(held);
    const [type = '', id = ''] =
      own.length > 0 && random.chance(0.9) ? random.pick(own).split('/') : [];
    if (type !== '') return { type, id };
    const other = random.pick(compartmentTypes);
    const there = this.#corpus.of(other);
    return {
      type: other,
      id: there.length > 0 && random.chance(0.8) ? random.pick(there).id : 'nobody',
    };
  }

  #memberOf(within: Compartment, about: Held): Held {
    if (typesInside(within.type).includes(about.type)) return about;
    const there = this.#corpus.all.filter((held) => typesInside(within.type).includes(held.type));
    return this.#random.pick(there);
  }

  /** Mostly such as know the criteria, so that something is left of them. */
  #types(
    { type }: Held,
    within: Compartment | undefined,
    criteria: readonly Criterion[],
  ): readonly string[] | undefined {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.35) return [type];
    const here = within ? typesInside(within.type) : allTypes;
    const knowing = here.filter((other) => criteria.every((one) => fits(one, type, other)));
    if (kind < 0.5 && knowing.length === here.length) return undefined;
    const types = new Set([type]);
    const met = knowing.filter((other) => this.#corpus.of(other).length > 0);
    for (let more = random.pick([1, 1, 2, 3, 5]); more > 0 && met.length > 0; more--)
      types.add(random.pick(random.chance(0.9) ? met : knowing));
    return [...types].sort();
  }

  #includes(focus: Held, types: readonly string[]): readonly IncludeAsked[] {
    const random = this.#random;
    const asked: IncludeAsked[] = [];
    let at = [focus];
    for (let left = random.pick([0, 1, 1, 2, 2, 3]); left > 0; left--) {
      const direction = random.chance(0.5) ? ('to' as const) : ('from' as const);
      const iterate = random.chance(0.5);
      if (random.chance(0.06)) {
        asked.push({ direction, iterate });
        continue;
      }
      const near = at.flatMap((held) =>
        direction === 'to' ? this.#ways.from(held) : this.#ways.to(held),
      );
      const there = (near.length > 0 && random.chance(0.8) ? near : this.#ways.all).filter(
        (way) => way.stated && (iterate || types.includes(startOf(way, direction).type)),
      );
      if (there.length === 0) continue;
      const way = random.pick(there);
      asked.push(this.#include(way, direction, iterate));
      at = [startOf(way, direction === 'to' ? 'from' : 'to')];
    }
    return asked;
  }

  #include(way: Way, direction: 'to' | 'from', iterate: boolean): IncludeAsked {
    const random = this.#random;
    return {
      direction,
      iterate,
      source: way.from.type,
      ...(random.chance(0.85) && { param: way.parameter.code }),
      ...(random.chance(0.3) && { target: way.to.type }),
    };
  }
}

function startOf({ from, to }: Way, direction: 'to' | 'from'): Held {
  return direction === 'to' ? from : to;
}
