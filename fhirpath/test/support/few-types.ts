import type { Property, TypeModel, TypeModels } from '../../src/type-models.ts';

type Kind = TypeModel['kind'];

/** `many` after a type: the element repeats. Several types: a choice, whose name has no `[x]`. */
const TYPES: Readonly<
  Record<string, { kind: Kind; base?: string; elements?: Readonly<Record<string, string>> }>
> = {
  Resource: { kind: 'resource', elements: { id: 'id' } },
  DomainResource: { kind: 'resource', base: 'Resource' },
  Patient: {
    kind: 'resource',
    base: 'DomainResource',
    elements: {
      id: 'id',
      contained: 'Resource many',
      active: 'boolean',
      name: 'HumanName many',
      birthDate: 'date',
      multipleBirth: 'boolean integer',
      managingOrganization: 'Reference',
    },
  },
  Organization: {
    kind: 'resource',
    base: 'DomainResource',
    elements: { id: 'id', name: 'string' },
  },
  Element: { kind: 'complex', elements: { id: 'string', extension: 'Extension many' } },
  Extension: { kind: 'complex', base: 'Element', elements: { url: 'uri', value: 'dateTime code' } },
  HumanName: {
    kind: 'complex',
    base: 'Element',
    elements: { text: 'string', family: 'string', given: 'string many' },
  },
  Reference: { kind: 'complex', base: 'Element', elements: { reference: 'string' } },
};

const PRIMITIVES = ['boolean', 'integer', 'string', 'code', 'id', 'uri', 'date', 'dateTime'];

function model(
  kind: Kind,
  base: string | undefined,
  elements: Readonly<Record<string, string>> = {},
): TypeModel {
  const properties = Object.entries(elements).flatMap(([name, text]) => {
    const words = text.split(' ');
    const types = words.filter((word) => word !== 'many');
    return types.map((type): Property => {
      const property =
        types.length > 1 ? name + type.charAt(0).toUpperCase() + type.slice(1) : name;
      const many = words.length > types.length;
      const of = TYPES[type]?.kind ?? 'primitive';
      return { name: property, element: { name }, type, kind: of, many };
    });
  });
  return {
    kind,
    ...(base === undefined ? {} : { base }),
    properties: new Map(properties.map((property) => [property.name, property])),
  };
}

const MODELS = new Map([
  ...PRIMITIVES.map((type) => [type, model('primitive', 'Element')] as const),
  ...Object.entries(TYPES).map(
    ([type, { kind, base, elements }]) => [type, model(kind, base, elements)] as const,
  ),
]);

/** A small part of R4. */
export const FEW_TYPES: TypeModels = MODELS;
