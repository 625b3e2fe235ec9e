import { FhirError } from '../fhir/errors.ts';
import { printable } from '../fhir/printable.ts';
import { linkFilter, splitLink, startReach } from './parse-link.ts';
import type { Reach } from './parse-link.ts';
import {
  badValue,
  dateRange,
  splitOr,
  splitPrefix,
  unescapeValue,
  valueFilter,
} from './parse-value.ts';
import type { Filter } from './query.ts';
import type { Registry, SearchParameter } from './registry.ts';

export interface ParseOptions {
  /** What to do with parameters that are not known (R4 http `Prefer: handling=`). */
  readonly handling: 'strict' | 'lenient';
  /** Our own base URL, without a trailing slash. */
  readonly baseUrl: string;
  readonly defaultCount: number;
  readonly maxCount: number;
}

export interface Criterion {
  readonly kind: 'criterion';
  readonly code: string;
  /** Its matches lie within what it names; false of `:not` and `:missing`. */
  readonly positive: boolean;
  readonly filter: Filter;
}

export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: string;
}

const NOT_YET =
  /^(_contained|_containedType|_list|_text|_content|_filter|_query|_type|_maxresults|_score)\b/;

/** Modifiers by kind of parameter; `[type]` of references is added where it is read. */
const MODIFIERS: Readonly<Record<SearchParameter['type'], readonly string[]>> = {
  token: ['missing', 'not'],
  string: ['missing', 'exact', 'contains'],
  date: ['missing'],
  reference: ['missing', 'identifier'],
  uri: ['missing', 'below', 'above'],
  number: ['missing'],
  quantity: ['missing'],
};

/** Modifiers that `parseSearch` understands for a kind of parameter, for the capability statement. */
export function modifiersOf(type: SearchParameter['type']): readonly string[] {
  return MODIFIERS[type];
}

/** @throws FhirError for what is known but wrong, or known and not supported */
export function parseCriterion(
  type: string,
  [name, value]: readonly [string, string],
  registry: Registry,
  options: ParseOptions & { readonly reach?: Reach },
): Criterion | Unknown {
  const link = splitLink(name);
  if (link !== undefined) {
    const filter = linkFilter(link, {
      type,
      registry,
      reach: options.reach ?? startReach(),
      parse: (there, rest, farther) => {
        const found = parseCriterion(there, [rest, value], registry, {
          ...options,
          reach: farther,
        });
        return found.kind === 'unknown' ? found : found.filter;
      },
    });
    if ('reason' in filter) return { kind: 'unknown', reason: filter.reason };
    return { kind: 'criterion', code: name, positive: true, filter };
  }
  const [code, modifier] = splitModifier(name);
  if (NOT_YET.test(name)) throw unsupported(code, 'this server does not support it');
  if (code === '_id' || code === '_lastUpdated') {
    if (modifier !== undefined)
      throw unsupported(name, `the modifier :${modifier} is not supported`);
    return code === '_id' ? idCriterion(value) : lastUpdatedCriterion(value);
  }
  const parameter = registry.parameters(type).get(code);
  if (!parameter) {
    if (registry.unsupported(type).has(code))
      throw unsupported(code, 'this server does not support it');
    return { kind: 'unknown', reason: `${printable(code)} is no search parameter of ${type}` };
  }
  const isType = (named: string): boolean =>
    registry.definitions.types.get(named)?.kind === 'resource';
  checkModifier(parameter, modifier, isType);
  if (modifier === 'missing') return missingCriterion(parameter, value);
  const { baseUrl } = options;
  const any = splitOr(value).map((part) =>
    valueFilter(part, { parameter, modifier, baseUrl, isType }),
  );
  const filter: Filter = any.length === 1 && any[0] ? any[0] : { op: 'or', any };
  if (modifier === 'not')
    return { kind: 'criterion', code, positive: false, filter: { op: 'not', filter } };
  return { kind: 'criterion', code, positive: true, filter };
}

function splitModifier(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

function checkModifier(
  parameter: SearchParameter,
  modifier: string | undefined,
  isType: (name: string) => boolean,
): void {
  if (modifier === undefined || MODIFIERS[parameter.type].includes(modifier)) return;
  if (parameter.type === 'reference' && isType(modifier)) {
    if (parameter.targets.length === 0 || parameter.targets.includes(modifier)) return;
    throw badValue(parameter.code, `it never refers to ${modifier}`);
  }
  throw unsupported(parameter.code, `the modifier :${printable(modifier)} is not supported`);
}

function missingCriterion({ code }: SearchParameter, value: string): Criterion {
  if (value !== 'true' && value !== 'false') throw badValue(code, ':missing is true or false');
  const filter: Filter = { op: 'missing', param: code, missing: value === 'true' };
  return { kind: 'criterion', code, positive: false, filter };
}

function idCriterion(value: string): Criterion {
  const ids = splitOr(value).map(unescapeValue);
  // No resource can have another id, yet asking for one is a mistake to be told.
  if (!ids.every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id)))
    throw badValue('_id', 'the value is no id');
  return {
    kind: 'criterion',
    code: '_id',
    positive: true,
    filter: { op: 'id', ids: [...new Set(ids)] },
  };
}

function lastUpdatedCriterion(value: string): Criterion {
  const any = splitOr(value).map(lastUpdatedFilter);
  const filter: Filter = any.length === 1 && any[0] ? any[0] : { op: 'or', any };
  return { kind: 'criterion', code: '_lastUpdated', positive: true, filter };
}

function lastUpdatedFilter(value: string): Filter {
  const { prefix, rest } = splitPrefix(value);
  const range = dateRange(rest);
  if (!range) throw badValue('_lastUpdated', 'the value is no date');
  const { from, to } = range;
  switch (prefix) {
    case 'eq':
      return { op: 'lastUpdated', from, to };
    case 'ne':
      return { op: 'not', filter: { op: 'lastUpdated', from, to } };
    // The time of an update is a point: above the range begins where the range ends.
    case 'gt':
    case 'sa':
      return { op: 'lastUpdated', from: to };
    case 'ge':
      return { op: 'lastUpdated', from };
    case 'lt':
    case 'eb':
      return { op: 'lastUpdated', to: from };
    case 'le':
      return { op: 'lastUpdated', to };
    case 'ap':
      throw badValue('_lastUpdated', 'the prefix ap is not supported');
  }
}

function unsupported(code: string, what: string): FhirError {
  const name = printable(code);
  return new FhirError('not-supported', `Search parameter ${name}: ${what}`, {
    expression: `http.${name}`,
  });
}
