import { agreed, not, some } from './answer.ts';
import type { Answer } from './answer.ts';
import { objects, officialFile, officialNames, text } from './official.ts';
import type { Json } from './official.ts';

interface Definitions {
  readonly valueSets: ReadonlyMap<string, Json>;
  readonly codeSystems: ReadonlyMap<string, Json>;
  /** Path of an element to the value set it is bound to. */
  readonly bindings: ReadonlyMap<string, string>;
}

let loaded: Definitions | undefined;

function definitions(): Definitions {
  loaded ??= load();
  return loaded;
}

function load(): Definitions {
  const valueSets = new Map<string, Json>();
  const codeSystems = new Map<string, Json>();
  const bindings = new Map<string, string>();
  for (const name of officialNames()) {
    if (!/^(ValueSet|CodeSystem|StructureDefinition)-/.test(name)) continue;
    const resource = officialFile(name);
    const url = text(resource['url']) ?? '';
    if (resource['resourceType'] === 'ValueSet') valueSets.set(url, resource);
    if (resource['resourceType'] === 'CodeSystem') codeSystems.set(url, resource);
    if (
      resource['resourceType'] !== 'StructureDefinition' ||
      resource['derivation'] === 'constraint'
    )
      continue;
    for (const element of objects((resource['snapshot'] as Json | undefined)?.['element'])) {
      const binding = element['binding'] as Json | undefined;
      const valueSet = widestSet(binding) ?? text(binding?.['valueSet']);
      const path = text(element['path']);
      if (valueSet !== undefined && path !== undefined && !bindings.has(path))
        bindings.set(path, valueSet.split('|')[0] ?? '');
    }
  }
  return { valueSets, codeSystems, bindings };
}

/** Of a preferred binding, what other codes must be taken from. */
function widestSet(binding: Json | undefined): string | undefined {
  const found = objects(binding?.['extension']).find(({ url }) =>
    text(url)?.endsWith('/elementdefinition-maxValueSet'),
  );
  return text(found?.['valueCanonical']);
}

/** The code system that a value set is, whatever codes that has. */
export function wholeSystem(url: string): string | undefined {
  const compose = definitions().valueSets.get(url)?.['compose'] as Json | undefined;
  const [part, ...more] = [...objects(compose?.['include']), ...objects(compose?.['exclude'])];
  if (part === undefined || more.length > 0) return undefined;
  return Object.keys(part).join() === 'system' ? text(part['system']) : undefined;
}

/** The value set that an element such as `Patient.gender` is bound to. */
export function bindingOf(definition: string): string | undefined {
  return definitions().bindings.get(definition);
}

/** Whether an official value set has the code; undefined where it cannot be told from enumerations. */
export function inValueSet(
  url: string,
  code: { readonly system: string; readonly code: string },
): Answer {
  const valueSet = definitions().valueSets.get(url);
  const compose = valueSet?.['compose'] as Json | undefined;
  if (compose === undefined) return undefined;
  const included = some(objects(compose['include']), (part) => inPart(part, code));
  const excluded = some(objects(compose['exclude']), (part) => inPart(part, code));
  return included === true ? not(excluded) : included === false ? false : agreed(undefined);
}

let enumerated: readonly string[] | undefined;

/** Official value sets whose members can all be told from enumerations, with the code systems they take from. */
export function enumeratedSets(): readonly string[] {
  enumerated ??= findEnumerated();
  return enumerated;
}

function findEnumerated(): readonly string[] {
  // Examples are no part of the terminology that a server must know.
  const known = [...definitions().valueSets].filter(([url]) => !/\/ValueSet\/example-/.test(url));
  return known.filter(([, set]) => isEnumerated(set)).map(([url]) => url);
}

function isEnumerated(set: Json): boolean {
  const compose = set['compose'] as Json | undefined;
  const parts = [...objects(compose?.['include']), ...objects(compose?.['exclude'])];
  return (
    parts.length > 0 &&
    parts.every(
      (part) =>
        part['valueSet'] === undefined &&
        part['filter'] === undefined &&
        text(part['system']) !== undefined &&
        (part['concept'] !== undefined || codeSystemOf(part)?.['content'] === 'complete'),
    )
  );
}

/** The official code system that a part of a value set takes codes from, unless it names another version of it. */
function codeSystemOf({ system, version }: Json): Json | undefined {
  const codeSystem = definitions().codeSystems.get(text(system) ?? '');
  return version === undefined || version === codeSystem?.['version'] ? codeSystem : undefined;
}

/** Systems that a value set takes codes from. */
export function systemsOf(url: string): readonly string[] {
  const compose = definitions().valueSets.get(url)?.['compose'] as Json | undefined;
  return objects(compose?.['include']).flatMap(({ system }) => text(system) ?? []);
}

/**
 * Whether the first code is the second or lies below it in the hierarchy of their official code system; undefined where
 * that system is not known whole, or says in properties what lies below what.
 */
export function isBelow(system: string, lower: string, upper: string): Answer {
  const codeSystem = definitions().codeSystems.get(system);
  if (codeSystem?.['content'] !== 'complete') return undefined;
  const properties = objects(codeSystem['property']).map(({ code }) => code);
  if (['parent', 'child', 'subsumedBy'].some((code) => properties.includes(code))) return undefined;
  const top = find(objects(codeSystem['concept']), upper);
  if (top === undefined) return undefined;
  return lower === upper || hasConcept(objects(top['concept']), lower);
}

/** The code, what stands above it and what stands right below it. */
export function relatives(system: string, code: string): readonly string[] {
  const path = pathTo(objects(definitions().codeSystems.get(system)?.['concept']), code);
  const below = objects(path.at(-1)?.['concept']);
  return [...path, ...below].map((concept) => String(concept['code']));
}

function pathTo(concepts: readonly Json[], code: string): readonly Json[] {
  for (const concept of concepts) {
    if (concept['code'] === code) return [concept];
    const path = pathTo(objects(concept['concept']), code);
    if (path.length > 0) return [concept, ...path];
  }
  return [];
}

function find(concepts: readonly Json[], code: string): Json | undefined {
  for (const concept of concepts) {
    const found = concept['code'] === code ? concept : find(objects(concept['concept']), code);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inPart(
  part: Json,
  { system, code }: { readonly system: string; readonly code: string },
): Answer {
  if (part['valueSet'] !== undefined || part['system'] === undefined) return undefined;
  if (part['system'] !== system) return false;
  if (part['filter'] !== undefined) return undefined;
  if (part['concept'] !== undefined)
    return objects(part['concept']).some((concept) => concept['code'] === code);
  const codeSystem = codeSystemOf(part);
  if (codeSystem?.['content'] !== 'complete') return undefined;
  return hasConcept(objects(codeSystem['concept']), code);
}

function hasConcept(concepts: readonly Json[], code: string): boolean {
  return concepts.some(
    (concept) => concept['code'] === code || hasConcept(objects(concept['concept']), code),
  );
}
