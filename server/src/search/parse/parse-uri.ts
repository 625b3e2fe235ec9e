import { parseReference, referenceTarget } from '../../fhir/reference.ts';
import { leafTypes } from '../expression/element-path.ts';
import type { ValueContext } from './criterion.ts';
import { hierarchies } from './parse-hierarchy.ts';
import { plainToken } from './parse-token.ts';
import type { Filter } from '../query.ts';
import type { SearchParameter } from '../search-parameter.ts';
import { bad } from '../refusals.ts';
import { splitAt, unescapeValue } from './value-text.ts';

/**
 * URIs and their modifiers: https://hl7.org/fhir/R4/search.html#uri @throws FhirError naming the parameter
 *
 * @rule uri
 */
export function uriFilter(text: string, context: ValueContext): Filter {
  const { parameter, modifier, baseUrl } = context;
  const { code: param } = parameter;
  const value = unescapeValue(text);
  if (modifier === 'above') return { op: 'uri', param, match: 'above', value };
  if (modifier === 'below') {
    if (!namesCanonical(parameter) || !value.includes('|')) {
      return { op: 'uri', param, match: 'below', value };
    }
    return { op: 'uri', param: `${param}:below`, match: 'exact', value };
  }
  const versioned = param === 'url' ? ofVersion(text, context) : undefined;
  if (versioned) return versioned;
  const exactly = (uri: string): Filter => ({ op: 'uri', param, match: 'exact', value: uri });
  if (!namesCanonical(parameter) || parseReference(value)?.kind !== 'local') return exactly(value);
  // A profile may be named by where it is on this server.
  return { op: 'or', any: [exactly(value), exactly(`${baseUrl}/${value}`)] };
}

/** `url|version` of what has a version beside its URL; undefined where no version is named. */
function ofVersion(text: string, context: ValueContext): Filter | undefined {
  const { type, registry } = context;
  const version = registry.parameters(type).get('version');
  const [url = '', named, ...more] = splitAt(text, '|');
  if (version?.type !== 'token' || named === undefined) return undefined;
  if (url === '' || named === '' || more.length > 0)
    throw bad('url', 'the form is url or url|version');
  return {
    op: 'and',
    all: [uriFilter(url, context), plainToken(named, version, version.code)],
  };
}

/** Tells whether values of the parameter are canonical URLs, which may name a version. */
export function namesCanonical({ paths }: SearchParameter): boolean {
  return paths.some((path) => leafTypes(path).includes('canonical'));
}

/**
 * `:below` of a canonical reference: any version, or those that begin with the one named, segment by segment
 * (https://hl7.org/fhir/R4/search.html#versions). Undefined for what may lie in a hierarchy instead.
 */
export function versionsFilter(
  text: string,
  { parameter, baseUrl, registry }: ValueContext,
): Filter | undefined {
  const value = unescapeValue(text);
  const at = namesCanonical(parameter) ? parseReference(value, baseUrl) : undefined;
  const inHierarchy = at?.kind === 'local' && hierarchies(parameter, registry).has(at.type);
  // A canonical reference is an absolute URL, or one of this server.
  const names = at?.kind === 'absolute' || at?.kind === 'local' || at?.kind === 'conditional';
  if (!names || inHierarchy) return undefined;
  const form = value.includes('|') ? ':below' : '';
  const target = referenceTarget(value, baseUrl) ?? value;
  return { op: 'reference', param: `${parameter.code}${form}`, target };
}
