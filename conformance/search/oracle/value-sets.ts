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
      const valueSet = text((element['binding'] as Json | undefined)?.['valueSet']);
      const path = text(element['path']);
      if (valueSet !== undefined && path !== undefined && !bindings.has(path))
        bindings.set(path, valueSet.split('|')[0] ?? '');
    }
  }
  return { valueSets, codeSystems, bindings };
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

function inPart(
  part: Json,
  { system, code }: { readonly system: string; readonly code: string },
): Answer {
  if (part['valueSet'] !== undefined || part['system'] === undefined) return undefined;
  if (part['system'] !== system) return false;
  if (part['filter'] !== undefined) return undefined;
  if (part['concept'] !== undefined)
    return objects(part['concept']).some((concept) => concept['code'] === code);
  const codeSystem = definitions().codeSystems.get(system);
  if (codeSystem?.['content'] !== 'complete') return undefined;
  return hasConcept(objects(codeSystem['concept']), code);
}

function hasConcept(concepts: readonly Json[], code: string): boolean {
  return concepts.some(
    (concept) => concept['code'] === code || hasConcept(objects(concept['concept']), code),
  );
}
