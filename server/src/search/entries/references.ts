import { parseReference, referenceTarget } from '../../fhir/reference.ts';
import type { Convert } from '../finding.ts';
import { bareIdentifier } from './tokens.ts';
import { object, text } from '../json.ts';

/**
 * A reference to a version is found with and, under `<code>:version`, as what it says; a relative one that is not Type/id
 * by itself, and nothing is found through it, as no resource is of that name.
 */
export const reference: Convert = ({ param, value, baseUrl }, emit) => {
  const found = object(value);
  const literal = text(found['reference']);
  const parsed = literal === undefined ? undefined : parseReference(literal, baseUrl);
  if (parsed?.kind === 'local') {
    const target = `${parsed.type}/${parsed.id}`;
    emit({ kind: 'reference', param, target });
    if (parsed.version !== undefined) {
      const version = `${target}/_history/${parsed.version}`;
      emit({ kind: 'reference', param: `${param}:version`, target: version });
    }
  }
  if (parsed?.kind === 'relative') emit({ kind: 'reference', param, target: parsed.url });
  if (parsed?.kind === 'absolute') {
    const { url } = parsed;
    emit({ kind: 'reference', param, target: url });
    const current = parsed.type === undefined ? url : url.replace(/\/_history\/[^/]+$/, '');
    if (current !== url) emit({ kind: 'reference', param, target: current });
  }
  bareIdentifier({ param: `${param}:identifier`, value: found['identifier'], baseUrl }, emit);
};

/** The type that a reference says or shows to lead to; undefined when that cannot be told. */
export function referenceType(
  value: unknown,
  baseUrl: string,
  contained: readonly unknown[],
): string | undefined {
  const found = object(value);
  const literal = text(found['reference']);
  const parsed = literal === undefined ? undefined : parseReference(literal, baseUrl);
  if (parsed?.kind === 'contained') {
    const inside = contained.find((each) => object(each)['id'] === parsed.id);
    return text(object(inside)['resourceType']);
  }
  const shown = parsed?.kind === 'local' || parsed?.kind === 'absolute' ? parsed.type : undefined;
  return text(found['type']) ?? shown;
}

/**
 * A canonical is found with and without its fragment and its version (R4 references.html#canonical), and under
 * `<code>:below` with what its version begins with.
 */
export const canonical: Convert = ({ param, value, baseUrl }, emit) => {
  const add = (name: string, url: string): void =>
    emit({ kind: 'reference', param: name, target: referenceTarget(url, baseUrl) ?? url });
  for (const url of canonicalForms(value)) add(param, url);
  for (const url of versionsAbove(value)) add(`${param}:below`, url);
};

function canonicalForms(value: unknown): string[] {
  const url = text(value);
  if (url === undefined) return [];
  const [unfragmented = ''] = url.split('#');
  const [unversioned = ''] = unfragmented.split('|');
  return [...new Set([unversioned, unfragmented, url])].filter((form) => form !== '');
}

/** Segments of a version that a search may name the first of. */
const MOST_SEGMENTS = 8;

/** `url|1.2.3` is a version 1, a version 1.2 and a version 1.2.3. */
function versionsAbove(value: unknown): string[] {
  const [url = '', version] = (text(value)?.split('#')[0] ?? '').split('|');
  if (url === '' || version === undefined || version === '') return [];
  const ends = [...version.matchAll(/[.-]/g)].slice(0, MOST_SEGMENTS).map(({ index }) => index);
  return [...ends, version.length].map((end) => `${url}|${version.slice(0, end)}`);
}

/** A resource inside of another: what it would be referred to by. Its own parameters are indexed beside. */
export const embedded: Convert = ({ param, value }, emit) => {
  const { resourceType: type, id } = object(value);
  if (typeof type !== 'string' || typeof id !== 'string') return;
  emit({ kind: 'reference', param, target: `${type}/${id}` });
};

export const canonicalUri: Convert = ({ param, value }, emit) => {
  for (const form of canonicalForms(value)) emit({ kind: 'uri', param, value: form });
  for (const form of versionsAbove(value))
    emit({ kind: 'uri', param: `${param}:below`, value: form });
};
