import { objectsOf } from '../rule.ts';
import type { Json } from '../rule.ts';
import { isAbsolute } from './datatypes.ts';
import type { ProseRule } from './prose-rule.ts';

interface Entry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Json;
}

/** References of the first entry that must lead to entries: http://hl7.org/fhir/R4/documents.html#content */
const OF_DOCUMENTS: readonly (readonly [name: string, path: readonly string[]])[] = [
  ['subject', ['subject']],
  ['encounter', ['encounter']],
  ['author', ['author']],
  ['attester', ['attester', 'party']],
  ['custodian', ['custodian']],
  ['event', ['event', 'detail']],
];

/** Checks that what documents and messages refer to is in them, and what is in documents is referred to. */
export const checkDocument: ProseRule = (bundle, { report }) => {
  const { type } = bundle;
  if (type !== 'document' && type !== 'message') return;
  const entries = objectsOf(bundle['entry']).flatMap(({ fullUrl, resource }, index): Entry[] =>
    objectsOf(resource).map((one) => ({
      index,
      fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
      resource: one,
    })),
  );
  const [first] = entries;
  if (first === undefined) return;
  const find = finderOf(entries);
  const wanted = (path: string, reference: string): void => {
    const found = find(reference, first);
    if (found.length === 1 || reference.startsWith('#')) return;
    const text = found.length === 0 ? 'is not in the bundle' : 'is in the bundle several times';
    report('not-found', `${reference} ${text}`, `.entry[0].resource.${path}`);
  };
  for (const [path, reference] of neededBy(first.resource)) wanted(path, reference);
  if (type === 'document') {
    for (const entry of unreached(entries, find)) {
      report('informational', 'Nothing leads to this entry', `.entry[${entry.index}]`);
    }
  }
};

function neededBy(resource: Json): (readonly [path: string, reference: string])[] {
  if (resource['resourceType'] === 'MessageHeader') return at(resource, 'focus', ['focus']);
  if (resource['resourceType'] !== 'Composition') return [];
  return [
    ...OF_DOCUMENTS.flatMap(([name, path]) => at(resource, name, path)),
    ...sections(resource).flatMap((section) => at(section, 'section', ['entry'])),
  ];
}

function sections(element: Json): readonly Json[] {
  return objectsOf(element['section']).flatMap((section) => [section, ...sections(section)]);
}

function at(element: Json, name: string, path: readonly string[]): (readonly [string, string])[] {
  let found: readonly Json[] = [element];
  for (const step of path) found = found.flatMap((one) => objectsOf(one[step]));
  return found.flatMap(({ reference }) =>
    typeof reference === 'string' ? [[name, reference] as const] : [],
  );
}

type Find = (reference: string, from: Entry) => readonly Entry[];

/** http://hl7.org/fhir/R4/bundle.html#references */
function finderOf(entries: readonly Entry[]): Find {
  const byUrl = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.fullUrl === undefined) continue;
    const same = byUrl.get(entry.fullUrl);
    if (same) same.push(entry);
    else byUrl.set(entry.fullUrl, [entry]);
  }
  return (reference, from) => {
    const [target = '', version] = reference.split('/_history/');
    const base = /^(.*\/)[A-Z]\w+\/[^/]+$/.exec(from.fullUrl ?? '')?.[1];
    const url = isAbsolute(target) || base === undefined ? target : base + target;
    const found = byUrl.get(url) ?? [];
    if (version === undefined) return found;
    return found.filter(
      ({ resource }) => objectsOf(resource['meta'])[0]?.['versionId'] === version,
    );
  };
}

/** Entries that no chain of references connects with the first one, in either direction. */
function unreached(entries: readonly Entry[], find: Find): readonly Entry[] {
  const near = new Map<Entry, Set<Entry>>(entries.map((entry) => [entry, new Set()]));
  for (const entry of entries) {
    for (const reference of references(entry.resource)) {
      for (const target of find(reference, entry)) {
        near.get(entry)?.add(target);
        near.get(target)?.add(entry);
      }
    }
  }
  const [first] = entries;
  const reached = new Set(first ? [first] : []);
  for (const entry of reached) for (const other of near.get(entry) ?? []) reached.add(other);
  return entries.filter((entry) => !reached.has(entry));
}

function references(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(references);
  const { reference, ...rest } = value as Json;
  const inner = Object.values(rest).flatMap(references);
  return typeof reference === 'string' ? [reference, ...inner] : inner;
}
