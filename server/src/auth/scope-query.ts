import type { Filter } from '../search/query.ts';

/** What a scope's `?query` leaves of the data: as a criterion for searches, and as a test of one resource. */
export interface ScopeQuery {
  readonly filter: Filter;
  matches(version: ScopedVersion): boolean;
}

/** The part of a stored version that is looked at: the resource's JSON and the ids of its patients. */
interface ScopedVersion {
  readonly body: Uint8Array;
  readonly patients: readonly string[];
}

type TokenFilter = Extract<Filter, { op: 'token' }>;
type Json = Readonly<Record<string, unknown>>;

/** Token parameters whose values stand in an element of the same name, or in `meta`, whatever the resource type. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  category: ['category'],
  code: ['code'],
  status: ['status'],
  intent: ['intent'],
  type: ['type'],
  identifier: ['identifier'],
  'clinical-status': ['clinicalStatus'],
  'verification-status': ['verificationStatus'],
  _tag: ['meta', 'tag'],
  _security: ['meta', 'security'],
};

const NOTHING: ScopeQuery = { filter: { op: 'or', any: [] }, matches: () => false };

/**
 * Reads the query of a SMART v2 scope: `&` joins criteria, `,` joins alternatives of one. A parameter, modifier or
 * escape that is not understood here lets nothing through.
 */
export function parseScopeQuery(query: string): ScopeQuery {
  const criteria: (readonly TokenFilter[])[] = [];
  for (const pair of query.split('&')) {
    const criterion = parseCriterion(pair);
    if (criterion === undefined) return NOTHING;
    criteria.push(criterion);
  }
  return {
    filter: { op: 'and', all: criteria.map((any): Filter => ({ op: 'or', any })) },
    matches: ({ body }) => {
      const resource = parse(body);
      return (
        resource !== undefined && criteria.every((any) => any.some((each) => holds(each, resource)))
      );
    },
  };
}

/** Resources of this patient, or of no patient, among what `query` leaves. */
export function ofPatient(patient: string, query: ScopeQuery | undefined): ScopeQuery {
  const own: Filter = { op: 'patients', mode: 'in', patients: [patient] };
  return {
    filter: query === undefined ? own : { op: 'and', all: [own, query.filter] },
    matches: (version) =>
      version.patients.every((each) => each === patient) && (query?.matches(version) ?? true),
  };
}

export function anyOf(queries: readonly ScopeQuery[]): ScopeQuery {
  return {
    filter: { op: 'or', any: queries.map((query) => query.filter) },
    matches: (version) => queries.some((query) => query.matches(version)),
  };
}

function parseCriterion(pair: string): readonly TokenFilter[] | undefined {
  const [param, text, ...rest] = pair.split('=').map(decode);
  if (param === undefined || text === undefined || rest.length > 0) return undefined;
  if (!Object.hasOwn(ELEMENTS, param) || text.includes('\\')) return undefined;
  const filters = text.split(',').map((value) => parseToken(param, value));
  return filters.every((filter) => filter !== undefined) ? filters : undefined;
}

function parseToken(param: string, value: string): TokenFilter | undefined {
  const bar = value.indexOf('|');
  const system = bar < 0 ? undefined : value.slice(0, bar);
  const code = value.slice(bar + 1);
  if (code.includes('|') || (code === '' && (system === undefined || system === '')))
    return undefined;
  return {
    op: 'token',
    param,
    ...(system === undefined ? {} : { system: system === '' ? null : system }),
    ...(code === '' ? {} : { code }),
  };
}

function holds(filter: TokenFilter, resource: Json): boolean {
  let found: unknown[] = [resource];
  for (const name of ELEMENTS[filter.param] ?? []) {
    found = found.flatMap((each) =>
      isObject(each) && Object.hasOwn(each, name) ? each[name] : [],
    );
  }
  return found
    .flatMap(codings)
    .some(
      ({ system, code }) =>
        (filter.system === undefined || filter.system === (system ?? null)) &&
        (filter.code === undefined || filter.code === code),
    );
}

/** A code's system is fixed by its binding and unknown here, so such a value never equals a stated system. */
const BOUND = Symbol('system of the bound value set');

function codings(value: unknown): readonly { readonly system: unknown; readonly code: unknown }[] {
  if (typeof value === 'string') return [{ system: BOUND, code: value }];
  if (!isObject(value)) return [];
  const list = value['coding'];
  if (Array.isArray(list)) return list.flatMap(codings);
  return [{ system: value['system'], code: value['code'] ?? value['value'] }];
}

function parse(body: Uint8Array): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
