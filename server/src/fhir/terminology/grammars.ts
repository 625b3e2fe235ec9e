import { canonicalUnit, UCUM, unitName } from '../../search/ucum.ts';
import type { CodeSystemView } from './code-system.ts';

/** Code systems whose codes are formed by rules, or kept by the runtime: they are never listed in a resource. */
export function createGrammars(): ReadonlyMap<string, CodeSystemView> {
  return new Map(
    [
      grammar('urn:ietf:bcp:47', 'Tags for the identification of languages', languageTag),
      grammar('urn:ietf:bcp:13', 'Media types', mediaType),
      grammar('urn:ietf:rfc:3986', 'URIs', uri),
      units(),
      listed('urn:iso:std:iso:4217', 'Currencies', 'currency'),
      listed('https://www.iana.org/time-zones', 'Time zones', 'timeZone'),
    ].map((view) => [view.url, view] as const),
  );
}

/** @param test gives an English name, empty where there is none; undefined for what is no code */
function grammar(
  url: string,
  title: string,
  test: (code: string) => string | undefined,
): CodeSystemView {
  return {
    url,
    title,
    known: 'whole',
    find: (code) => {
      const name = code.length > 200 ? undefined : test(code);
      if (name === undefined) return undefined;
      // These systems have no displays of their own: any name will do.
      return { code, ...(name === '' ? {} : { designation: [{ language: 'en', value: name }] }) };
    },
    all: () => undefined,
    parents: () => [],
    children: () => [],
    declares: () => false,
  };
}

function units(): CodeSystemView {
  return {
    ...grammar(UCUM, 'Unified Code for Units of Measure (UCUM)', unitName),
    // R4 ucum.html#filters: units of the same dimension.
    ownFilter: ({ property, op, value }) => {
      const dimension = canonicalUnit(value)?.dimension;
      if (property !== 'canonical' || op !== '=' || dimension === undefined) return undefined;
      return ({ code }) => canonicalUnit(code)?.dimension === dimension;
    },
  };
}

function listed(url: string, title: string, key: 'currency' | 'timeZone'): CodeSystemView {
  const names = key === 'currency' ? new Intl.DisplayNames('en', { type: key }) : undefined;
  let codes: ReadonlySet<string> | undefined;
  const known = (): ReadonlySet<string> => (codes ??= new Set(Intl.supportedValuesOf(key)));
  const view = grammar(url, title, (code) =>
    known().has(code) ? (names?.of(code) ?? '') : undefined,
  );
  return {
    ...view,
    // The runtime's list leaves out what is historic.
    known: 'part',
    all: () => [...known()].flatMap((code) => view.find(code) ?? []),
  };
}

function languageTag(code: string): string | undefined {
  try {
    const [tag] = Intl.getCanonicalLocales(code);
    if (tag === undefined) return undefined;
    const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(tag);
    return name ?? '';
  } catch {
    return undefined;
  }
}

/** RFC 2045 and RFC 6838: type "/" subtype *(";" parameter). */
const TOKEN = "[A-Za-z0-9!#$&^_.+'`|~%*-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:\\s*;\\s*${TOKEN}=(?:${TOKEN}|"[^"\\\\]*"))*$`);

function mediaType(code: string): string | undefined {
  return MEDIA_TYPE.test(code) ? '' : undefined;
}

function uri(code: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(code) ? '' : undefined;
}
