import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { splitLink, startReach, targetsOf, type Reach } from './parse-link.ts';
import { nothing } from '../query.ts';
import type { SortKey, SortTarget, SortValue } from '../query.ts';
import type { Registry } from '../registry.ts';

const MOST_KEYS = 5;
/** References that one key may lead through, one after the other. */
const DEEPEST = 3;

/**
 * `_sort`: http://hl7.org/fhir/R4/search.html#sort. `subject:Patient.name` and `patient.name` sort by what is referred to.
 * @throws FhirError `invalid`
 * @rule _sort
 */
export function parseSort(type: string, value: string, registry: Registry): readonly SortKey[] {
  const texts = value.split(',');
  if (texts.length > MOST_KEYS) throw bad(`there are more than ${MOST_KEYS} keys`);
  const seen = new Set<string>();
  const reach = startReach();
  return texts.map((text) => {
    const descending = text.startsWith('-');
    const name = descending ? text.slice(1) : text;
    if (seen.has(name)) throw bad(`${printable(name)} is given twice`);
    seen.add(name);
    const found = sortValue(type, name, { registry, reach });
    if (found === undefined) {
      throw bad(`${printable(name)} is no search parameter of ${type} that can be sorted by`);
    }
    return { ...found, descending };
  });
}

interface Setting {
  readonly registry: Registry;
  readonly reach: Reach;
}

/** undefined when resources of the type have no such values. */
function sortValue(type: string, name: string, setting: Setting): SortValue | undefined {
  const { registry, reach } = setting;
  if (name === '_id' || name === '_lastUpdated') return { param: name };
  const link = splitLink(name);
  const code = link?.kind === 'chain' ? link.code : name;
  const parameter = registry.parameters(type).get(code);
  if (parameter === undefined) return undefined;
  if (link?.kind !== 'chain') return isSortable(parameter.type) ? { param: name } : undefined;
  if (parameter.type !== 'reference') return undefined;
  if (reach.depth >= DEEPEST) throw bad(`a key leads through more than ${DEEPEST} references`);
  const types = targets(parameter, link.type, registry);
  const through = types.flatMap((target): SortTarget[] => {
    if (--reach.links.left < 0) {
      throw bad('it leads to too many types: name the type as in subject:Patient.name');
    }
    const inner = { registry, reach: { ...reach, depth: reach.depth + 1 } };
    const value = sortValue(target, link.rest, inner);
    // Nothing may be looked at until the caller's narrowing takes this place.
    return value ? [{ type: target, value, within: nothing }] : [];
  });
  return through.length === 0 ? undefined : { param: code, through };
}

function targets(...asked: Parameters<typeof targetsOf>): readonly string[] {
  try {
    return targetsOf(...asked);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new FhirError(error.code, error.message, { expression: 'http._sort' });
  }
}

/** Composite values and positions have no order. */
function isSortable(kind: string): boolean {
  return kind !== 'composite' && kind !== 'special';
}

function bad(what: string): FhirError {
  return new FhirError('invalid', `Search parameter _sort: ${what}`, { expression: 'http._sort' });
}
