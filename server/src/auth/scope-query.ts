import { nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';

type TokenFilter = Extract<Filter, { op: 'token' }>;
/** Token parameters that mean the same whatever the resource type. */
const PARAMETERS = new Set([
  ...['category', 'code', 'status', 'intent', 'type', 'identifier', 'clinical-status'],
  ...['verification-status', '_tag', '_security'],
]);

/**
 * Returns what the query of a SMART v2 scope leaves of the data, as a criterion of searches, by which each single
 * resource is judged, too: `&` joins criteria, `,` joins alternatives of one. A parameter, modifier or escape that is
 * not understood here lets nothing through.
 */
export function parseScopeQuery(query: string): Filter {
  const all: Filter[] = [];
  for (const pair of query.split('&')) {
    const any = parseCriterion(pair);
    if (any === undefined) return nothing;
    all.push({ op: 'or', any });
  }
  return { op: 'and', all };
}

/** Resources of this patient, or of no patient, among what `query` leaves. */
export function ofPatient(patient: string, query: Filter | undefined): Filter {
  const own: Filter = { op: 'patients', mode: 'in', patients: [patient] };
  return query === undefined ? own : { op: 'and', all: [own, query] };
}

function parseCriterion(pair: string): readonly TokenFilter[] | undefined {
  const [param, text, ...rest] = pair.split('=').map(decode);
  if (param === undefined || text === undefined || rest.length > 0) return undefined;
  if (!PARAMETERS.has(param) || text.includes('\\')) return undefined;
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

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
