import { FhirPathFault } from './fault.ts';
import { isSystem, itemsOf, modelOf, propertiesNamed, string } from './item.ts';
import type { FhirItem, Item } from './item.ts';
import { NONE } from './scope.ts';
import type { Items, Step } from './scope.ts';
import type { Property, TypeModels } from './type-models.ts';

export function childrenNamed(models: TypeModels, name: string): Step {
  return (input, { world }) => {
    const found: Item[] = [];
    for (const item of input) {
      if (isSystem(item)) continue;
      if (item.type === 'TypeInfo') found.push(...ofTypeInfo(item, name));
      else addChildren(models, item, { name, found, strict: world.strict });
    }
    world.spend(input.length + found.length);
    return found;
  };
}

function ofTypeInfo(item: FhirItem, name: string): Items {
  const value = (item.value as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? [string(value)] : NONE;
}

const FEW = 4;

/** Returns, of a choice among many types, those whose member is there. */
function presentOf(
  { value, twin }: FhirItem,
  properties: readonly Property[],
): readonly Property[] {
  const fields = typeof value === 'object' && value !== null ? value : twin;
  if (fields === undefined) return [];
  const names = new Set(
    Object.keys(fields).map((name) => (name.startsWith('_') ? name.slice(1) : name)),
  );
  return properties.filter(({ name }) => names.has(name));
}

function addChildren(
  models: TypeModels,
  item: FhirItem,
  {
    name,
    found,
    strict,
  }: { readonly name: string; readonly found: Item[]; readonly strict: boolean },
): void {
  const model = modelOf(models, item);
  const properties = model && propertiesNamed(model, name);
  if (properties !== undefined) {
    const few = properties.length > FEW ? presentOf(item, properties) : properties;
    for (const property of few) itemsOf(item, property, found);
  } else if (strict) {
    throw new FhirPathFault(`A ${item.type} has no ${name}`);
  }
}
