import { FhirError } from '../../fhir/errors.ts';
import { MEDIA_TYPES } from '../code-systems.ts';
import { walkPath } from './element-path.ts';
import { convert, referenceType } from './index-converters.ts';
import type { IndexedType } from '../finding.ts';
import { mayHaveValue } from './index-roots.ts';
import { insideEntries, isTarget, outermost } from './index-inside.ts';
import type { Container } from './index-inside.ts';
import { mediaType } from './index-tokens.ts';
import { list, object, text } from './json.ts';
import { textEntries } from './index-text.ts';
import type { IndexEntry, PartEntry } from '../query.ts';
import type { CompositeGroup, Registry, SearchParameter } from '../registry.ts';

/**
 * Returns what a resource contributes to the index, for every parameter of its type. Beside the code itself entries
 * stand under `<code>:identifier` (identifiers inside references), `:version` (references to versions), `:below` (of
 * canonical URLs with a version and of media types), `:text` and `:of-type` (of tokens), `:ucum` and `:unit` (of
 * quantities), `:present` (what stands there cannot be searched for) and `<code>.<other>` and `<code>:<type>.<other>`
 * (parameters of a resource inside).
 * @param resource the parsed JSON object
 * @throws FhirError `too-costly` when the values of a composite parameter have too many combinations
 */
export function indexEntries(
  resource: object,
  registry: Registry,
  { baseUrl }: { readonly baseUrl: string },
): IndexEntry[] {
  const contained = list(object(resource)['contained']);
  return [
    ...entriesOf(outermost(resource, contained, baseUrl), (type) => registry.indexed(type)),
    ...textEntries(resource),
  ];
}

/** Returns the entries of one resource, with what its references lead to inside of the same container. */
export function entriesOf(
  container: Container,
  parametersOf: (type: string) => ReadonlyMap<string, SearchParameter>,
): IndexEntry[] {
  const resource = object(container.resource);
  const type = text(resource['resourceType']);
  if (type === undefined) return [];
  const entries: IndexEntry[] = [];
  const index = (inside: Container): IndexEntry[] => entriesOf(inside, parametersOf);
  for (const parameter of parametersOf(type).values()) {
    if (!mayHaveValue(parameter, resource)) continue;
    const emit = collector(entries);
    const of = { ...container, parameter };
    if (parameter.composite)
      for (const group of parameter.composite.groups) combine(of, group, emit);
    else collect(of, emit);
    for (const entry of insideEntries(parameter, container, index)) emit(entry);
  }
  return entries;
}

interface Work extends Pick<Container, 'resource' | 'baseUrl' | 'contained'> {
  readonly parameter: SearchParameter;
}

type Emit = (entry: IndexEntry) => void;

const FEW = 40;

/** Adds entries that are not there yet. */
function collector(entries: IndexEntry[]): Emit {
  const start = entries.length;
  // Few values are compared one by one; many, which only a hostile resource has, by their text.
  let texts: Set<string> | undefined;
  return (entry) => {
    if (!texts && entries.length - start >= FEW) {
      texts = new Set(entries.slice(start).map((other) => JSON.stringify(other)));
    }
    if (texts) {
      const text = JSON.stringify(entry);
      if (texts.has(text)) return;
      texts.add(text);
    } else {
      for (let at = start; at < entries.length; at++) if (same(entries[at], entry)) return;
    }
    entries.push(entry);
  };
}

function collect({ parameter, resource, baseUrl, contained }: Work, emit: Emit): void {
  const { code: param, type } = parameter;
  if (type === 'composite') return;
  const seen = { value: false, entry: false };
  const note: Emit = (entry) => {
    seen.entry ||= entry.param === param;
    emit(entry);
  };
  for (const path of parameter.paths) {
    walkPath(path, resource, (value, leaf, { target, system }) => {
      if (target !== undefined && referenceType(value, baseUrl, contained) !== target) return;
      if (leaf === 'Resource' && !isTarget(parameter, value)) return;
      seen.value = true;
      convert({ parameter: type, leaf }, { param, value, baseUrl, system }, note);
      if (parameter.implied?.whole.has(MEDIA_TYPES)) mediaType({ param, value, baseUrl }, note);
    });
  }
  if (seen.value && !seen.entry) {
    emit({ kind: 'token', param: `${param}:present`, system: null, code: 'true' });
  }
}

/** Bounds the combinations of one composite parameter of one element. */
const MOST_COMBINATIONS = 1_000;

/** Each combination of the parts' values on one element is an entry. */
function combine(work: Work, group: CompositeGroup, emit: Emit): void {
  const { parameter, resource } = work;
  walkPath(group.at, resource, (element) => {
    const values = group.parts.map(({ paths, ofResource }, i) => {
      const part = parameter.composite?.parts[i];
      return part
        ? partValues({ ...work, parameter: { ...part, paths } }, ofResource ? resource : element)
        : [];
    });
    const count = values.reduce((product, { length }) => product * length, 1);
    if (count > MOST_COMBINATIONS) {
      throw new FhirError(
        'too-costly',
        `${parameter.code}: an element has too many combinations of values`,
      );
    }
    for (const parts of product(values)) {
      // The names of the parts tell in which form they are given: as it is, in base units, by the unit's text.
      const form = parts.map(({ param }) => param.slice(parameter.code.length)).join('');
      const plain = parts.map((part) => ({ ...part, param: parameter.code }));
      emit({ kind: 'composite', param: `${parameter.code}${form}`, parts: plain });
    }
  });
}

const FORMS = new Set(['', ':ucum', ':unit']);

function partValues({ parameter, baseUrl }: Work, from: unknown): PartEntry[] {
  const values: PartEntry[] = [];
  const { code: param, type } = parameter;
  for (const path of parameter.paths) {
    walkPath(path, from, (value, leaf, { system }) =>
      convert(
        { parameter: type as IndexedType, leaf },
        { param, value, baseUrl, system },
        (entry) => {
          if (entry.kind === 'composite' || entry.kind === 'position' || entry.kind === 'text')
            return;
          if (FORMS.has(entry.param.slice(param.length))) values.push(entry);
        },
      ),
    );
  }
  return values;
}

function product(values: readonly (readonly PartEntry[])[]): PartEntry[][] {
  return values.reduce<PartEntry[][]>(
    (made, next) => made.flatMap((parts) => next.map((part) => [...parts, part])),
    [[]],
  );
}

/** Entries of one kind have the same members. */
function same(a: IndexEntry | undefined, b: IndexEntry): boolean {
  if (a?.kind !== b.kind || a.param !== b.param) return false;
  if (a.kind === 'composite' && b.kind === 'composite') {
    return b.parts.every((part, i) => same(a.parts[i], part));
  }
  for (const key in b) {
    if (a[key as keyof IndexEntry] !== b[key as keyof IndexEntry]) return false;
  }
  return true;
}
