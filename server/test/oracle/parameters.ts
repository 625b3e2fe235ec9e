import { objects, officialFile, text } from './official.ts';

const HERE = 'http://hl7.org/fhir/SearchParameter/';

export type ParameterType =
  | 'number'
  | 'date'
  | 'string'
  | 'token'
  | 'reference'
  | 'composite'
  | 'quantity'
  | 'uri'
  | 'special';

export interface Parameter {
  readonly url: string;
  readonly code: string;
  readonly type: ParameterType;
  readonly bases: readonly string[];
  /** Absent for what is no path: `_text`, `_content`, `_query`. */
  readonly expression: string | undefined;
  /** Types that a reference may point to. */
  readonly targets: readonly string[];
  /** Parts of a composite. */
  readonly components: readonly { readonly definition: string; readonly expression: string }[];
}

/** The two parts of DocumentReference's `relationship` bear each other's names. */
const EXCHANGED: ReadonlyMap<string, string> = new Map([
  [`${HERE}DocumentReference-relatesto`, `${HERE}DocumentReference-relation`],
  [`${HERE}DocumentReference-relation`, `${HERE}DocumentReference-relatesto`],
]);

/** Every search parameter of R4, from the official definitions. */
export const allParameters: readonly Parameter[] = objects(
  officialFile('Bundle-searchParams.json')['entry'],
).map(({ resource }) => {
  const definition = resource as Record<string, unknown>;
  return {
    url: text(definition['url']) ?? '',
    code: text(definition['code']) ?? '',
    type: definition['type'] as ParameterType,
    bases: definition['base'] as string[],
    expression: text(definition['expression']),
    targets: (definition['target'] as string[] | undefined) ?? [],
    components: objects(definition['component']).map((component) => {
      const named = text(component['definition']) ?? '';
      return {
        definition: EXCHANGED.get(named) ?? named,
        expression: text(component['expression']) ?? '',
      };
    }),
  };
});

const byUrl = new Map(allParameters.map((parameter) => [parameter.url, parameter]));

export function parameterAt(url: string): Parameter | undefined {
  return byUrl.get(url);
}

/** The only resource types that have no narrative. */
const PLAIN = new Set(['Bundle', 'Binary', 'Parameters']);

const byType = new Map<string, ReadonlyMap<string, Parameter>>();

/** Parameters of a concrete type by code, those of all resources included. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  const known = byType.get(type);
  if (known !== undefined) return known;
  const bases = new Set([type, 'Resource', ...(PLAIN.has(type) ? [] : ['DomainResource'])]);
  const found = new Map(
    allParameters
      .filter((parameter) => parameter.bases.some((base) => bases.has(base)))
      .map((parameter) => [parameter.code, parameter]),
  );
  byType.set(type, found);
  return found;
}
