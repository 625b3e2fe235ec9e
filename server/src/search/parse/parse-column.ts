import { dateRange, splitPrefix, widen } from './parse-value.ts';
import { everything, nothing } from '../query.ts';
import type { Filter } from '../query.ts';
import { bad } from '../refusals.ts';
import { splitOr, unescapeValue } from './value-text.ts';

/** Names what every resource has: no index entries, but columns of their own in every store. */
type Column = '_id' | '_lastUpdated';

export const COLUMN_MODIFIERS: Readonly<Record<Column, readonly string[]>> = {
  _id: ['missing', 'not'],
  _lastUpdated: ['missing'],
};

/**
 * @param modifier one of `COLUMN_MODIFIERS`, or none @throws FhirError `invalid`
 *
 * @rule _id, _lastUpdated
 */
export function columnFilter(code: Column, modifier: string | undefined, value: string): Filter {
  if (modifier === 'missing') {
    if (value !== 'true' && value !== 'false') throw bad(code, ':missing is true or false');
    return value === 'true' ? nothing : everything;
  }
  const filter = code === '_id' ? idFilter(value) : lastUpdated(value);
  return modifier === 'not' ? { op: 'not', filter } : filter;
}

function idFilter(value: string): Filter {
  const ids = splitOr(value).map(unescapeValue);
  // No resource can have another id, yet asking for one is a mistake to be told.
  if (!ids.every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id))) throw bad('_id', 'the value is no id');
  return { op: 'id', ids: [...new Set(ids)] };
}

function lastUpdated(value: string): Filter {
  const any = splitOr(value).map(lastUpdatedFilter);
  return any.length === 1 && any[0] ? any[0] : { op: 'or', any };
}

function lastUpdatedFilter(value: string): Filter {
  const { prefix, rest } = splitPrefix(value);
  const range = dateRange(rest);
  if (!range) throw bad('_lastUpdated', 'the value is no date');
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
      return { op: 'lastUpdated', ...widen(range) };
  }
}
