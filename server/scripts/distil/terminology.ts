import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FilePart, TerminologyIndex } from '../../src/fhir/terminology/official-source.ts';

type Json = Readonly<Record<string, unknown>>;

/** Names what the server has no use for: narrative, extensions and what is said about the publication. */
const LEFT_OUT = new Set([
  ...['text', 'extension', 'meta', 'id', 'identifier', 'contact', 'useContext', 'jurisdiction'],
  ...['copyright', 'purpose', 'publisher', 'description', 'comments', 'immutable', 'experimental'],
]);

/** R4's code systems, value sets and maps, one a line, and where each line is. */
export function distilTerminology(folder: string): {
  readonly lines: string;
  readonly index: TerminologyIndex;
} {
  const lines: string[] = [];
  let offset = 0;
  const places = {
    CodeSystem: new Map<string, FilePart>(),
    ValueSet: new Map<string, FilePart>(),
    ConceptMap: new Map<string, FilePart>(),
  };
  const from = new Map<string, string[]>();
  const wholes = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    const [, type] = /^(CodeSystem|ValueSet|ConceptMap)-/.exec(name) ?? [];
    if (type === undefined) continue;
    const resource = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json;
    const url = resource['url'];
    if (typeof url !== 'string' || isExample(url, resource)) continue;
    const line = JSON.stringify(pruned(resource));
    const length = Buffer.byteLength(line);
    const version = typeof resource['version'] === 'string' ? resource['version'] : '';
    places[type as keyof typeof places].set(url, [offset, length, version]);
    if (type === 'ConceptMap') addSource(from, resource, url);
    const whole = type === 'CodeSystem' ? resource['valueSet'] : undefined;
    if (typeof whole === 'string') wholes.set(whole, url);
    lines.push(line);
    offset += length + 1;
  }
  return {
    lines: `${lines.join('\n')}\n`,
    index: {
      fhirVersion: '4.0.1',
      codeSystems: Object.fromEntries(places.CodeSystem),
      valueSets: Object.fromEntries(places.ValueSet),
      conceptMaps: Object.fromEntries(places.ConceptMap),
      from: Object.fromEntries(from),
      wholes: Object.fromEntries([...wholes].filter(([set]) => !places.ValueSet.has(set))),
    },
  };
}

/** The package also holds examples; code systems that somebody else defines are present in parts only. */
function isExample(url: string, resource: Json): boolean {
  return /\/example($|-|\d)/.test(url) || resource['content'] === 'not-present';
}

function addSource(from: Map<string, string[]>, resource: Json, url: string): void {
  const source = resource['sourceUri'] ?? resource['sourceCanonical'];
  if (typeof source !== 'string') return;
  const list = from.get(source);
  if (list === undefined) from.set(source, [url]);
  else list.push(url);
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !LEFT_OUT.has(key) && !key.startsWith('_'))
      .map(([key, inner]) => [key, pruned(inner)]),
  );
}
