import { EARLIEST, LATEST, timeRange } from '../../fhir/instant.ts';
import type { TimeRange } from '../../fhir/instant.ts';
import type { Convert } from '../finding.ts';
import { list, object } from '../json.ts';

export const dateOf =
  (rangeOf: (value: unknown) => TimeRange | undefined): Convert =>
  ({ param, value }, emit) => {
    const range = rangeOf(value);
    if (range) emit({ kind: 'date', param, from: range.from, to: range.to });
  };

export const plainRange = (value: unknown): TimeRange | undefined =>
  typeof value === 'string' ? timeRange(value) : undefined;

export function periodRange(value: unknown): TimeRange | undefined {
  const { start, end } = object(value);
  const first = plainRange(start);
  const last = plainRange(end);
  if (!first && !last) return undefined;
  return { from: first?.from ?? EARLIEST, to: last?.to ?? LATEST };
}

/** Only the outer limits of a schedule matter (R4 search.html#date). */
export function timingRange(value: unknown): TimeRange | undefined {
  const timing = object(value);
  const ranges = list(timing['event']).map(plainRange);
  ranges.push(periodRange(object(timing['repeat'])['boundsPeriod']));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0) return undefined;
  return {
    from: Math.min(...known.map(({ from }) => from)),
    to: Math.max(...known.map(({ to }) => to)),
  };
}
