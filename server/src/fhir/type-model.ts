import { memberNames } from './definitions.ts';
import type { Constraint, Definitions, ElementDefinition, TypeDefinition } from './definitions.ts';

/** A type with its JSON properties resolved: `value[x]` becomes `valueQuantity`, `valueString` and so on. */
export interface TypeModel {
  readonly name: string;
  readonly kind: TypeDefinition['kind'];
  /** The type it specialises. */
  readonly base?: string;
  /** By JSON property, without the `_x` twins of primitives. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly ElementModel[];
  readonly choices: readonly ElementModel[];
  readonly constraints: readonly Constraint[];
}

interface ElementModel {
  readonly definition: ElementDefinition;
  /** The properties that can carry it. */
  readonly names: readonly string[];
}

export interface Property {
  readonly name: string;
  /** The type it is a property of. */
  readonly owner: string;
  readonly element: ElementDefinition;
  readonly type: string;
  readonly kind: TypeDefinition['kind'];
  /** The property is a JSON array. */
  readonly many: boolean;
}

export interface TypeModels {
  /** Undefined when R4 has no such type. */
  readonly get: (type: string) => TypeModel | undefined;
}

/** Resolves types when they are first asked for. */
export function createTypeModels(definitions: Definitions): TypeModels {
  const models = new Map<string, TypeModel>();
  return {
    get: (name) => {
      const known = models.get(name);
      if (known) return known;
      const definition = definitions.types.get(name);
      if (!definition) return undefined;
      const model = resolve(definitions, name, definition);
      models.set(name, model);
      return model;
    },
  };
}

function resolve(definitions: Definitions, name: string, type: TypeDefinition): TypeModel {
  const properties = new Map<string, Property>();
  const elements: ElementModel[] = [];
  for (const element of type.elements) {
    const names = element.choice ? memberNames(element) : element.types.map(() => element.name);
    elements.push({ definition: element, names });
    element.types.forEach((of, position) => {
      const property = names[position] ?? element.name;
      const kind = definitions.types.get(of)?.kind ?? 'complex';
      const many = element.max !== undefined && element.max !== 0;
      properties.set(property, { name: property, owner: name, element, type: of, kind, many });
    });
  }
  return {
    name,
    kind: type.kind,
    ...(type.base === undefined ? {} : { base: type.base }),
    properties,
    required: elements.filter(({ definition }) => definition.min > 0),
    choices: elements.filter(({ definition }) => definition.choice),
    constraints: type.constraints ?? [],
  };
}
