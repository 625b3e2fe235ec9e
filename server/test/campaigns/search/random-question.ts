import { drawValue } from './draw-value.ts';
import type { Drawn } from './drawn.ts';
import { lately } from './made-queries.ts';
import type { Corpus, Held } from '../../oracle/corpus.ts';
import { canSay } from '../../oracle/filter-text.ts';
import { parametersOf } from '../../oracle/parameters.ts';
import type { Parameter } from '../../oracle/parameters.ts';
import type { Criterion, FilterTest, Question, SortKey } from '../../oracle/question.ts';
import type { Random } from './random.ts';

/** Of which resources a parameter has a value. */
type Bearers = ReadonlyMap<Parameter, readonly Held[]>;

/** What a criterion is about: a type, and mostly one resource of it. */
interface Subject {
  readonly type: string;
  readonly focus?: Held | undefined;
}

interface Way {
  readonly parameter: Parameter;
  readonly from: Held;
}

/** Questions about a corpus, drawn from the values in it; the same seed asks the same. */
export class Asker {
  readonly #corpus: Corpus;
  readonly #bearers = new Map<string, Bearers>();
  readonly #random: Random;
  #ways: ReadonlyMap<string, readonly Way[]> | undefined;

  constructor(corpus: Corpus, random: Random) {
    this.#corpus = corpus;
    this.#random = random;
  }

  question(): Question {
    const random = this.#random;
    // Every type has its turn, and those with many resources more of them.
    const type = random.chance(0.6)
      ? random.pick(this.#corpus.types())
      : random.pick(this.#corpus.all).type;
    // Mostly about one resource, so that all criteria together have an answer.
    const focus = random.chance(0.75) ? random.pick(this.#corpus.of(type)) : undefined;
    const criteria: Criterion[] = [];
    const number = random.pick([1, 1, 2, 2, 3]);
    for (let attempt = 0; criteria.length < number && attempt < 10; attempt++) {
      const criterion = this.#criterion({ type, focus }, 0);
      if (criterion !== undefined) criteria.push(criterion);
    }
    const query = random.chance(0.05) ? lately(this.#corpus, type, { focus, random }) : undefined;
    return {
      type,
      criteria,
      ...(query && { query }),
      sort: this.#sort(type),
      count: random.pick([2, 10, 50, 200, 1000]),
    };
  }

  /** A criterion that mostly holds for this resource. */
  criterionAbout(focus: Held): Criterion | undefined {
    return this.#criterion({ type: focus.type, focus }, 0);
  }

  /** An order of one type, or of several by what each of them has. */
  sortOfAll(types: readonly string[]): Question['sort'] {
    const [first = '', ...others] = types;
    if (others.length === 0) return this.#sort(first);
    return this.#sort(first).filter((key) => others.every((type) => canSort(key, first, type)));
  }

  #sort(type: string): Question['sort'] {
    const random = this.#random;
    const sortable = [...this.#of(type).keys()].filter(isSortable);
    const keys = new Map<string, boolean>();
    for (let wanted = random.pick([0, 0, 1, 1, 2]); wanted > 0 && sortable.length > 0; wanted--)
      keys.set(random.pick(sortable).code, random.chance(0.5));
    const own = [...keys].map(([code, descending]) => ({ code, descending }));
    const chained = random.chance(0.1) ? this.#chainedKey(type) : undefined;
    return chained === undefined ? own : [...own, chained];
  }

  #chainedKey(type: string): SortKey | undefined {
    const random = this.#random;
    const parameters = this.#parametersAt({ type }).filter(
      (parameter) => parameter.type === 'reference' && !INSIDE.has(parameter.code),
    );
    if (parameters.length === 0) return undefined;
    const parameter = random.pick(parameters);
    const from = random.pick(this.#of(type).get(parameter) ?? []);
    const there = this.#corpus.targets(from, parameter)[0]?.split('/')[0];
    if (there === undefined || !parameter.targets.includes(there)) return undefined;
    const sortable = [...this.#of(there).keys()].filter(isSortable);
    if (sortable.length === 0) return undefined;
    return {
      code: random.pick(sortable).code,
      descending: random.chance(0.5),
      through: [{ code: parameter.code, type: there }],
    };
  }

  /** A criterion of a type, through `links` references already. */
  #criterion(at: Subject, links: number): Criterion | undefined {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.05) return this.#filter(at);
    if (at.focus !== undefined && kind < 0.06) return this.#list(at.focus);
    if (links < 3 && kind < 0.15) return this.#chain(at, links);
    if (links < 3 && kind < 0.25) return this.#has(at, links);
    if (kind < 0.3) return this.#missing(at.type);
    const byType = Map.groupBy(this.#parametersAt(at), (parameter) => parameter.type);
    // Most are tokens and references; the rarer kinds have their turn too.
    if (byType.size === 0) return undefined;
    return this.#value(at, random.pick(random.pick([...byType.values()])));
  }

  #filter(at: Subject): Criterion | undefined {
    const test = this.#test(at, 0);
    return test && { op: 'filter', test };
  }

  #test(at: Subject, depth: number): FilterTest | undefined {
    const random = this.#random;
    const kind = random.next();
    if (depth < 3 && kind < 0.5) {
      const parts = [this.#test(at, depth + 1), this.#test(at, depth + 1)];
      const of = parts.filter((part) => part !== undefined);
      return of.length < 2 ? of[0] : { kind: kind < 0.25 ? 'and' : 'or', of };
    }
    if (depth < 3 && kind < 0.6) {
      const of = this.#test(at, depth + 1);
      return of && { kind: 'not', of };
    }
    if (kind < 0.65) return { kind: 'test', criterion: this.#missing(at.type) };
    const sayable = this.#parametersAt(at).filter(isSayable);
    if (sayable.length === 0) return undefined;
    const parameter = random.pick(sayable);
    const drawn = this.#draw(at, parameter);
    if (drawn === undefined || !canSay(drawn.value, drawn.modifier)) return undefined;
    const { modifier, value } = drawn;
    const criterion = { op: 'value', code: parameter.code, values: [value] } as const;
    return {
      kind: 'test',
      criterion: modifier === undefined ? criterion : { ...criterion, modifier },
    };
  }

  #missing(type: string): Extract<Criterion, { op: 'missing' }> {
    const any = this.#random.pick([...parametersOf(type).values()].filter(mayBeMissing));
    return { op: 'missing', code: any.code, missing: this.#random.chance(0.5) };
  }

  #list(focus: Held): Criterion | undefined {
    const item = parametersOf('List').get('item');
    const lists = this.#corpus.of('List');
    if (item === undefined || lists.length === 0) return undefined;
    const holding = lists.filter((list) =>
      this.#corpus.targets(list, item).includes(`${focus.type}/${focus.id}`),
    );
    const from = holding.length > 0 && this.#random.chance(0.8) ? holding : lists;
    return { op: 'list', lists: [this.#random.pick(from).id] };
  }

  /** Parameters that have values here. */
  #parametersAt({ type, focus }: Subject): readonly Parameter[] {
    const all = [...this.#of(type).keys()];
    if (focus === undefined) return all;
    return all.filter((parameter) => this.#corpus.elements(focus, parameter).length > 0);
  }

  #value(at: Subject, parameter: Parameter): Criterion | undefined {
    const random = this.#random;
    const first = this.#draw(at, parameter);
    if (first === undefined) return undefined;
    const values = [first.value];
    while (random.chance(0.25)) {
      const other = this.#draw({ type: at.type }, parameter);
      // All values of a criterion share its modifier.
      if (other !== undefined && other.modifier === first.modifier) values.push(other.value);
    }
    const { modifier } = first;
    return { op: 'value', code: parameter.code, ...(modifier && { modifier }), values };
  }

  #draw({ type, focus }: Subject, parameter: Parameter): Drawn | undefined {
    const random = this.#random;
    const held = focus ?? random.pick(this.#of(type).get(parameter) ?? []);
    const elements = this.#corpus.elements(held, parameter);
    const drawn = drawValue(held.resource, random.pick(elements), parameter, {
      random,
      plain: false,
    });
    if (drawn?.modifier !== undefined && COLUMNS.has(parameter.code)) return undefined;
    if (parameter.code !== '_id' || drawn === undefined) return drawn;
    return { value: { kind: 'token', code: held.id } };
  }

  #chain(at: Subject, links: number): Criterion | undefined {
    const random = this.#random;
    const parameters = this.#parametersAt(at).filter(({ type }) => type === 'reference');
    if (parameters.length === 0) return undefined;
    const parameter = random.pick(parameters);
    const from = at.focus ?? random.pick(this.#of(at.type).get(parameter) ?? []);
    const reached = this.#corpus.reached(from, parameter);
    if (reached.length === 0) return undefined;
    const there = random.pick(reached);
    const allowed = parameter.targets.length === 0 || parameter.targets.includes(there.type);
    if (!allowed || this.#corpus.of(there.type).length === 0) return undefined;
    const then = this.#criterion({ type: there.type, focus: there }, links + 1);
    // What stands inside of another resource has no id or update that a server knows, and refers no further.
    const inside = !this.#corpus.of(there.type).includes(there);
    if (inside && then !== undefined && then.op !== 'missing') {
      if (then.op !== 'value' || OUTSIDE.has(then.code)) return undefined;
    }
    return then && { op: 'chain', code: parameter.code, type: there.type, then };
  }

  #has({ type, focus }: Subject, links: number): Criterion | undefined {
    const random = this.#random;
    const here = focus ?? random.pick(this.#corpus.of(type));
    const ways = this.#referring().get(`${type}/${here.id}`) ?? [];
    if (ways.length === 0) return undefined;
    const { parameter, from } = random.pick(ways);
    const then = this.#criterion({ type: from.type, focus: from }, links + 1);
    return then && { op: 'has', type: from.type, code: parameter.code, then };
  }

  /** By what is referred to. */
  #referring(): ReadonlyMap<string, readonly Way[]> {
    if (this.#ways !== undefined) return this.#ways;
    const found = new Map<string, Way[]>();
    for (const from of this.#corpus.all) {
      for (const parameter of parametersOf(from.type).values()) {
        if (parameter.type !== 'reference') continue;
        for (const target of this.#corpus.targets(from, parameter)) {
          // What a parameter is not said to refer to is refused.
          if (!parameter.targets.includes(target.split('/')[0] ?? '')) continue;
          const ways = found.get(target) ?? [];
          if (ways.length < 200) ways.push({ parameter, from });
          found.set(target, ways);
        }
      }
    }
    this.#ways = found;
    return found;
  }

  #of(type: string): Bearers {
    const known = this.#bearers.get(type);
    if (known !== undefined) return known;
    const found = new Map<Parameter, readonly Held[]>();
    for (const parameter of parametersOf(type).values()) {
      const bearers = this.#corpus
        .of(type)
        .filter((held) => this.#corpus.elements(held, parameter).length > 0);
      if (bearers.length > 0) found.set(parameter, bearers);
    }
    this.#bearers.set(type, found);
    return found;
  }
}

/** Kinds of parameters that a filter can name. */
const SAYABLE = new Set(['token', 'string', 'date', 'number']);

function isSayable({ type, expression }: Parameter): boolean {
  return SAYABLE.has(type) && expression !== undefined;
}

/** Parameters of Bundle that lead to what is in it. */
const INSIDE = new Set(['composition', 'message']);

/** What every resource has, and takes no modifiers. */
const COLUMNS = new Set(['_id', '_lastUpdated']);

/** What is not asked of a resource inside of another. */
const OUTSIDE = new Set([...COLUMNS, '_text', '_content']);

/** Whether a key of one type means the same for another. */
function canSort({ code, through = [] }: SortKey, first: string, other: string): boolean {
  const [link] = through;
  const named = link?.code ?? code;
  const [one, two] = [parametersOf(first).get(named), parametersOf(other).get(named)];
  if (one === undefined || one.type !== two?.type) return false;
  return link === undefined || two.targets.includes(link.type);
}

function isSortable({ type, expression }: Parameter): boolean {
  return type !== 'composite' && type !== 'special' && expression !== undefined;
}

/** A value may be missing; of pairs and places R4 asks no such thing. */
function mayBeMissing(parameter: Parameter): boolean {
  return (
    isSortable(parameter) && parameter.expression !== undefined && !COLUMNS.has(parameter.code)
  );
}
