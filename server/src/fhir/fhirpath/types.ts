import type { TypeModels } from '../type-model.ts';
import { FhirPathFault } from './fault.ts';
import { isQuantity, isSystem } from './item.ts';
import type { Item } from './item.ts';

const SYSTEM = new Set([
  ...['Boolean', 'String', 'Integer', 'Decimal', 'Date', 'DateTime', 'Time', 'Quantity', 'Any'],
]);
/** Says what R4's primitives specialise. */
const PARENTS: Readonly<Record<string, string>> = {
  ...{ code: 'string', id: 'string', markdown: 'string', url: 'uri', canonical: 'uri' },
  ...{ oid: 'uri', uuid: 'uri', positiveInt: 'integer', unsignedInt: 'integer' },
};

export interface TypeName {
  readonly system: boolean | undefined;
  readonly name: string;
}

/** `System.String`, `FHIR.Patient`, or either by its bare name. @throws FhirPathFault for a type that is not known */
export function typeOf(models: TypeModels, text: string): TypeName {
  const [space, name] = text.includes('.') ? splitFirst(text) : [undefined, text];
  if (space === 'System') return { system: true, name };
  if (space === 'FHIR') return { system: false, name };
  const inSystem = SYSTEM.has(text);
  const inFhir = models.get(text) !== undefined;
  if (!inSystem && !inFhir) throw new FhirPathFault(`There is no type ${text}`);
  return { system: inSystem && inFhir ? undefined : inSystem, name: text };
}

function splitFirst(text: string): readonly [string, string] {
  const dot = text.indexOf('.');
  return [text.slice(0, dot), text.slice(dot + 1)];
}

/** Tells whether an item is of a type, or of one that specialises it. */
export function isOf(models: TypeModels, item: Item, type: TypeName): boolean {
  if (isSystem(item))
    return type.system !== false && (item.type === type.name || type.name === 'Any');
  if (type.system === true) return false;
  return kindsOf(models, item.type).includes(type.name);
}

/** Tells whether an item is of exactly a type, as `as` and `ofType` want it of primitives. */
export function isExactly(models: TypeModels, item: Item, type: TypeName): boolean {
  if (isSystem(item) || type.system === true) return isOf(models, item, type);
  if (models.get(item.type)?.kind === 'primitive') return item.type === type.name;
  return isOf(models, item, type);
}

function kindsOf(models: TypeModels, type: string): readonly string[] {
  const kinds = [type];
  if (type.includes('.')) kinds.push('BackboneElement', 'Element');
  if (isQuantity(type) && type !== 'Quantity') kinds.push('Quantity');
  for (let next = PARENTS[type]; next !== undefined; next = PARENTS[next]) kinds.push(next);
  for (let next = models.get(type)?.base; next !== undefined; next = models.get(next)?.base) {
    kinds.push(next);
  }
  return kinds;
}
