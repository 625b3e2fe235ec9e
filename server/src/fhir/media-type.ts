/** A media type or range; names and parameter names in lower case. */
export interface MediaType {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export type Format = 'json' | 'xml';

/** FHIR's two formats by every name they go by; `json+fhir` and `xml+fhir` are those of DSTU2 (R4 http.html#mime-type). */
const FORMATS: ReadonlyMap<string, Format> = new Map([
  ...['fhir+json', 'json+fhir', 'json'].map((it) => [`application/${it}`, 'json'] as const),
  ...['fhir+xml', 'xml+fhir', 'xml'].map((it) => [`application/${it}`, 'xml'] as const),
  ['text/json', 'json'],
  ['text/xml', 'xml'],
]);

/** The format that a media type's name stands for; undefined for any other. */
export function namedFormat(name: string): Format | undefined {
  return FORMATS.get(name);
}

/** Tells whether the name is of resources alone, not of any JSON or XML. */
export function isFhirOnly(name: string): boolean {
  return FORMATS.has(name) && name.includes('fhir');
}

/** As in `Content-Type` or one element of `Accept` (RFC 9110, section 8.3.1). What is none has an empty name. */
export function parseMediaType(text: string): MediaType {
  const [name = '', ...rest] = text.split(';');
  const parameters = rest.map((each): [string, string] => {
    const [key = '', ...value] = each.split('=');
    return [
      key.trim().toLowerCase(),
      value
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    ];
  });
  const found = name.trim().toLowerCase();
  return {
    name: /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(found) ? found : '',
    parameters: new Map(parameters),
  };
}
