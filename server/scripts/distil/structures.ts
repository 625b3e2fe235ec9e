import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StructureIndex } from '../../src/fhir/packages/official-structures.ts';

type Json = Readonly<Record<string, unknown>>;

const KEPT = [
  ...['resourceType', 'url', 'name', 'title', 'kind', 'abstract', 'type', 'baseDefinition'],
  ...['derivation', 'context'],
];
const KEPT_OF_ELEMENTS = [
  ...['id', 'path', 'sliceName', 'slicing', 'min', 'max', 'type', 'contentReference', 'binding'],
  'constraint',
];

/** R4's StructureDefinitions as far as profiles rest on them, one a line, and where each line is. */
export function distilStructures(folder: string): {
  readonly lines: string;
  readonly index: StructureIndex;
} {
  const lines: string[] = [];
  const index: Record<string, readonly [number, number]> = {};
  let offset = 0;
  for (const name of readdirSync(folder).sort()) {
    if (!name.startsWith('StructureDefinition-')) continue;
    const structure = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json;
    const { url, snapshot } = structure;
    if (typeof url !== 'string' || structure['kind'] === 'logical' || isExample(url)) continue;
    const elements = (snapshot as { readonly element: readonly Json[] }).element;
    const line = JSON.stringify({
      ...picked(structure, KEPT),
      snapshot: { element: elements.map(distilElement) },
    });
    const length = Buffer.byteLength(line);
    index[url] = [offset, length];
    lines.push(line);
    offset += length + 1;
  }
  return { lines: `${lines.join('\n')}\n`, index };
}

/** The package also holds examples of profiles. */
function isExample(url: string): boolean {
  return !url.startsWith('http://hl7.org/fhir/StructureDefinition/') || /\/example/i.test(url);
}

function distilElement(element: Json): Json {
  const values = Object.keys(element).filter((name) => /^(fixed|pattern)[A-Z]/.test(name));
  const kept = picked(element, [...KEPT_OF_ELEMENTS, ...values]);
  const { binding, constraint } = kept as { binding?: Json; constraint?: readonly Json[] };
  const rules = constraint
    ?.filter(({ key }) => key !== 'ele-1')
    .map((rule) => picked(rule, ['key', 'severity', 'human', 'expression']));
  return {
    ...kept,
    ...(binding ? { binding: picked(binding, ['strength', 'valueSet']) } : {}),
    constraint: rules?.length === 0 ? undefined : rules,
  };
}

function picked(from: Json, names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}
