import type { Corpus, Held } from './corpus.ts';
import { parameterOf } from './judge.ts';
import { objects, officialFile, text } from './official.ts';

/** https://hl7.org/fhir/R4/compartmentdefinition.html */
export interface Compartment {
  readonly type: string;
  readonly id: string;
}

const FILES = ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device'];

/** By type of compartment: what puts a resource of a type into one; `{def}` is the resource whose compartment it is. */
const definitions: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map(
  FILES.map((name) => {
    const definition = officialFile(`CompartmentDefinition-${name}.json`);
    const ways = objects(definition['resource']).flatMap(({ code, param }) =>
      Array.isArray(param) ? [[text(code) ?? '', param as string[]] as const] : [],
    );
    return [text(definition['code']) ?? '', new Map(ways)];
  }),
);

export const compartmentTypes: readonly string[] = [...definitions.keys()];

/** Types that such compartments can hold, sorted. */
export function typesInside(compartment: string): readonly string[] {
  return [...(definitions.get(compartment)?.keys() ?? [])].sort();
}

/** The compartments that a resource lies in; a patient lies in its own. */
export function compartmentsOf(corpus: Corpus, held: Held): readonly Compartment[] {
  const found = new Map<string, Compartment>();
  const add = (type: string, id: string): unknown => found.set(`${type}/${id}`, { type, id });
  if (held.type === 'Patient') add('Patient', held.id);
  for (const [compartment, ways] of definitions) {
    for (const way of ways.get(held.type) ?? []) {
      if (way === '{def}') {
        add(compartment, held.id);
        continue;
      }
      for (const target of corpus.targets(held, parameterOf(held.type, way))) {
        const [type = '', id = ''] = target.split('/');
        if (type === compartment) add(type, id);
      }
    }
  }
  return [...found.values()];
}
