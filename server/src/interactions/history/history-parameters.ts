import { FhirError } from '../../fhir/errors.ts';
import { GENERAL_PARAMETERS, unknownParameter } from '../../fhir/general-parameters.ts';
import { printable } from '../../fhir/printable.ts';
import { instantOf, timeRange, type TimeRange } from '../../fhir/instant.ts';
import type { Pairs } from '../search/search.ts';

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;

/** http://hl7.org/fhir/R4/http.html#history */
export interface HistoryParameters {
  readonly count: number;
  /** Written at or after this, in ms since the epoch. */
  readonly since: number | undefined;
  /** Current at some time in it. */
  readonly at: TimeRange | undefined;
  /** From a page link. */
  readonly cursor: string | undefined;
  /** As sent, to be repeated in links; without `_count` and the cursor. */
  readonly used: Pairs;
}

const READERS: Readonly<
  Record<string, (value: string, name: string) => Partial<HistoryParameters> | undefined>
> = {
  _count: (value, name) => {
    if (!/^\d{1,9}$/.test(value) || Number(value) === 0) {
      throw bad(name, 'must be a whole number from 1');
    }
    return { count: Math.min(Number(value), MAX_COUNT) };
  },
  _since: (value, name) => {
    const since = instantOf(value);
    if (since === undefined) throw bad(name, 'must be an instant, such as 2026-01-02T03:04:05Z');
    return { since };
  },
  _at: (value, name) => {
    const at = timeRange(value);
    if (at === undefined) throw bad(name, 'must be a date or dateTime, such as 2026-01-02');
    return { at };
  },
  // R4 names no other order than this one.
  _sort: (value, name) => {
    if (value !== '-_lastUpdated') throw bad(name, 'can only be -_lastUpdated: newest first');
    return {};
  },
  _cursor: (cursor) => ({ cursor }),
};

/**
 * @param handling what becomes of those that there are not
 * @throws FhirError that names the parameter
 * @rule _since, _at
 */
export function historyParameters(
  pairs: Pairs,
  handling: 'strict' | 'lenient' = 'strict',
): HistoryParameters {
  let read: HistoryParameters = {
    count: DEFAULT_COUNT,
    since: undefined,
    at: undefined,
    cursor: undefined,
    used: [],
  };
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    if (GENERAL_PARAMETERS.has(name)) continue;
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    // The self link has what was used; a Bundle of type history has no room for more.
    if (reader === undefined && handling === 'lenient') continue;
    if (reader === undefined) throw unknownParameter(name);
    if (seen.has(name)) throw bad(name, 'is given twice');
    seen.add(name);
    const found = reader(value, name);
    const used: Pairs =
      found !== undefined && name !== '_count' && name !== '_cursor'
        ? [...read.used, [name, value]]
        : read.used;
    read = { ...read, ...found, used };
  }
  return read;
}

function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `The history parameter ${printable(name)} ${what}`, {
    expression: `http.${printable(name)}`,
  });
}
