import type { AccessDetail } from '../../audit/access-detail.ts';
import { FhirError } from '../../fhir/errors.ts';
import { instantOf, timeRange, type TimeRange } from '../../fhir/instant.ts';
import type { Declared, Input } from '../input.ts';

const MAX_COUNT = 1000;

/** Holds the parameters of `$access-log`. */
export const ACCESS_LOG = {
  _count: 'integer',
  _since: 'string',
  date: 'string*',
  agent: 'string*',
  _cursor: 'string',
} as const satisfies Declared;

/** Says which part of an access log is asked for. */
export interface AskedPart {
  /** Entries of a page; absent: all that are asked for. */
  readonly count: number | undefined;
  /** From the link of the page before. */
  readonly cursor: string | undefined;
  /** As sent, to be repeated in links, without `_count` and the cursor. */
  readonly used: readonly (readonly [name: string, value: string])[];
  readonly isAskedFor: (detail: AccessDetail) => boolean;
}

type Test = AskedPart['isAskedFor'];

/** @throws FhirError that names the parameter */
export function askedPart(input: Input): AskedPart {
  const since = input.text('_since');
  const dates = input.texts('date');
  const agents = input.texts('agent');
  const tests: Test[] = [
    ...(since === undefined ? [] : [recordedSince(since)]),
    ...dates.map(recordedIn),
    ...agents.map(doneBy),
  ];
  return {
    count: countOf(input.number('_count')),
    cursor: input.text('_cursor'),
    used: [
      ...(since === undefined ? [] : [['_since', since] as const]),
      ...dates.map((value) => ['date', value] as const),
      ...agents.map((value) => ['agent', value] as const),
    ],
    isAskedFor: (detail) => tests.every((test) => test(detail)),
  };
}

function countOf(count: number | undefined): number | undefined {
  if (count !== undefined && count < 1) throw bad('_count', 'must be a whole number from 1');
  return count === undefined ? undefined : Math.min(count, MAX_COUNT);
}

function recordedSince(text: string): Test {
  const since = instantOf(text);
  if (since === undefined) throw bad('_since', 'must be an instant, such as 2026-01-02T03:04:05Z');
  return ({ at }) => Date.parse(at) >= since;
}

const COMPARISONS: Readonly<Record<string, (at: number, range: TimeRange) => boolean>> = {
  eq: (at, { from, to }) => at >= from && at < to,
  ne: (at, { from, to }) => at < from || at >= to,
  ge: (at, { from }) => at >= from,
  gt: (at, { to }) => at >= to,
  le: (at, { to }) => at < to,
  lt: (at, { from }) => at < from,
};

/** http://hl7.org/fhir/R4/search.html#date */
function recordedIn(text: string): Test {
  const [, prefix = 'eq', date = ''] = /^([a-z]{2})?(.*)$/s.exec(text) ?? [];
  const range = timeRange(date);
  const compare = Object.hasOwn(COMPARISONS, prefix) ? COMPARISONS[prefix] : undefined;
  if (range === undefined || compare === undefined) {
    throw bad('date', 'must be a date, such as 2026-01-02, with eq, ne, ge, gt, le, lt or nothing');
  }
  return ({ at }) => compare(Date.parse(at), range);
}

/** http://hl7.org/fhir/R4/auditevent.html#search: one of these references, separated by commas, is who did it or for whom. */
function doneBy(text: string): Test {
  const agents = new Set(text.split(','));
  if (agents.has('')) throw bad('agent', 'must be a reference, such as Practitioner/doctor');
  return ({ request: { actor } }) =>
    [actor.practitioner, actor.patient, actor.organization].some(
      (each) => each !== undefined && agents.has(each),
    );
}

function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `The parameter ${name} ${what}`, { expression: `http.${name}` });
}
