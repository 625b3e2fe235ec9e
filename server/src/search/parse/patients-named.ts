import { ABOUT } from '../compartment.ts';
import type { Criterion } from './criterion.ts';
import type { Filter } from '../query.ts';

/** Ids of the patients whom the criteria of a search name explicitly, sorted. */
export function patientsNamed(type: string, criteria: readonly Criterion[]): string[] {
  const found = new Set<string>();
  for (const { code, positive, filter } of criteria) {
    if (!positive) continue;
    if (code === '_id' && type === 'Patient' && filter.op === 'id')
      filter.ids.forEach((id) => found.add(id));
    if (ABOUT.includes(code)) for (const id of targets(filter)) found.add(id);
  }
  return [...found].sort();
}

function targets(filter: Filter): string[] {
  if (filter.op === 'or') return filter.any.flatMap(targets);
  const named = filter.op === 'reference' ? /^Patient\/([^/?#]+)$/.exec(filter.target) : undefined;
  return named?.[1] === undefined ? [] : [named[1]];
}
