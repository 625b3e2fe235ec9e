import { objects, officialFile, officialNames, text } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';

export interface ElementDefinition {
  /** Name in JSON without the type of a choice. */
  readonly name: string;
  readonly types: readonly string[];
  readonly many: boolean;
  readonly choice: boolean;
  /** Path of the element whose content it has too. */
  readonly content: string | undefined;
}

let elements: ReadonlyMap<string, ElementDefinition> | undefined;

/** The element below a definition's path (`Patient`, `Patient.contact`, `CodeableConcept`), from the official definitions. */
export function elementAt(parent: string, name: string): ElementDefinition | undefined {
  elements ??= load();
  return elements.get(`${parent}.${name}`) ?? elements.get(`${parent}.${name}[x]`);
}

function load(): ReadonlyMap<string, ElementDefinition> {
  const found = new Map<string, ElementDefinition>();
  for (const file of officialNames()) {
    if (!file.startsWith('StructureDefinition-')) continue;
    const definition = officialFile(file);
    if (definition['derivation'] === 'constraint') continue;
    for (const element of objects((definition['snapshot'] as Json | undefined)?.['element'])) {
      const path = text(element['path']) ?? '';
      const name = path.slice(path.lastIndexOf('.') + 1);
      found.set(path, {
        name: name.replace('[x]', ''),
        types: objects(element['type']).map(({ code }) => text(code) ?? ''),
        many: element['max'] !== '1',
        choice: name.endsWith('[x]'),
        content: text(element['contentReference'])?.slice(1),
      });
    }
  }
  return found;
}
