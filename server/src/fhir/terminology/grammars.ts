import { canonicalUnit, UCUM, unitName } from '@chartseal/fhirpath/ucum';
import type { CodeSystemView } from './code-system.ts';

/** Code systems whose codes are formed by rules, or kept by the runtime: they are never listed in a resource. */
export function createGrammars(): ReadonlyMap<string, CodeSystemView> {
  return new Map(
    [
      grammar('urn:ietf:bcp:47', 'Tags for the identification of languages', languageTag),
      grammar('urn:ietf:bcp:13', 'Media types', mediaType),
      grammar('urn:ietf:rfc:3986', 'URIs', uri),
      units(),
      grammar('https://www.iana.org/time-zones', 'Time zones', timeZone),
      currencies(),
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

function currencies(): CodeSystemView {
  const names = new Intl.DisplayNames('en', { type: 'currency' });
  let codes: ReadonlySet<string> | undefined;
  const known = (): ReadonlySet<string> => (codes ??= new Set(Intl.supportedValuesOf('currency')));
  const view = grammar('urn:iso:std:iso:4217', 'Currencies', (code) =>
    known().has(code) ? (names.of(code) ?? '') : undefined,
  );
  return {
    ...view,
    // The runtime's list leaves out funds and what is historic.
    known: 'part',
    all: () => [...known()].flatMap((code) => view.find(code) ?? []),
  };
}

/** RFC 5646 section 2.1, well-formedness. */
const LANGUAGE_TAG = new RegExp(
  '^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})' +
    '(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?' +
    '(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*' +
    '(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)$',
  'i',
);
/** Registered before there was a grammar. */
const OLD_TAGS = new Set([
  ...['en-gb-oed', 'i-ami', 'i-bnn', 'i-default', 'i-enochian', 'i-hak', 'i-klingon', 'i-lux'],
  ...['i-mingo', 'i-navajo', 'i-pwn', 'i-tao', 'i-tay', 'i-tsu', 'sgn-be-fr', 'sgn-be-nl'],
  ...['sgn-ch-de', 'zh-min'],
]);

function languageTag(code: string): string | undefined {
  if (!LANGUAGE_TAG.test(code) && !OLD_TAGS.has(code.toLowerCase())) return undefined;
  try {
    return new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(code) ?? '';
  } catch {
    return '';
  }
}

function timeZone(code: string): string | undefined {
  // The runtime would take offsets too.
  if (!/^[A-Za-z][\w+/-]*$/.test(code)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: code });
    return '';
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
