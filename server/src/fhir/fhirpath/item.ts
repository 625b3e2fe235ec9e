import type { Json } from '../rule.ts';
import type { Property, TypeModel, TypeModels } from '../type-model.ts';
import { decimalOf, fromNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { temporalOf, timeOf } from './temporal.ts';
import type { Temporal } from './temporal.ts';

/** A quantity of FHIRPath; the unit is a UCUM code or a duration of the calendar, `1` without one. */
export interface Amount {
  readonly value: Decimal;
  readonly unit: string;
}

/** A value of FHIRPath's own types. */
export type System =
  | { readonly type: 'Boolean'; readonly system: boolean; readonly value?: undefined }
  | { readonly type: 'String'; readonly system: string; readonly value?: undefined }
  | { readonly type: 'Integer' | 'Decimal'; readonly system: Decimal; readonly value?: undefined }
  | {
      readonly type: 'Date' | 'DateTime' | 'Time';
      readonly system: Temporal;
      readonly value?: undefined;
    }
  | { readonly type: 'Quantity'; readonly system: Amount; readonly value?: undefined };

/** An element of a resource. */
export interface FhirItem {
  /** R4 type: `HumanName`, `Patient.contact`, `code`; of a resource its own. */
  readonly type: string;
  /** JSON; undefined for a primitive with extensions only. */
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly twin?: Json | undefined;
  readonly system?: undefined;
  /** The resource directly around it. */
  readonly resource?: Json | undefined;
}

export type Item = System | FhirItem;

const STRINGS = new Set([
  ...['string', 'uri', 'code', 'oid', 'id', 'uuid', 'markdown', 'base64Binary', 'canonical', 'url'],
  'xhtml',
]);
const INTEGERS = new Set(['integer', 'positiveInt', 'unsignedInt']);

export function isSystem(item: Item): item is System {
  return item.system !== undefined;
}

/** Returns what an element is among FHIRPath's own types: http://hl7.org/fhir/R4/fhirpath.html#types */
export function toSystem(item: Item): System | undefined {
  if (isSystem(item)) return item;
  const { type, value } = item;
  if (typeof value === 'boolean') return type === 'boolean' ? boolean(value) : undefined;
  if (typeof value === 'number') {
    if (INTEGERS.has(type)) return { type: 'Integer', system: fromNumber(value) };
    return type === 'decimal' ? { type: 'Decimal', system: fromNumber(value) } : undefined;
  }
  if (typeof value === 'string') return ofText(type, value);
  return isQuantity(type) ? toAmount(value) : undefined;
}

function ofText(type: string, value: string): System | undefined {
  if (STRINGS.has(type)) return string(value);
  if (type === 'time') return ofTemporal(timeOf(value));
  if (type === 'date') return ofTemporal(temporalOf(value));
  if (type !== 'dateTime' && type !== 'instant') return undefined;
  const parsed = temporalOf(value);
  return parsed && { type: 'DateTime', system: { ...parsed, kind: 'DateTime' } };
}

export function isQuantity(type: string): boolean {
  return ['Quantity', 'Age', 'Count', 'Distance', 'Duration', 'SimpleQuantity'].includes(type);
}

function toAmount(quantity: unknown): System | undefined {
  if (typeof quantity !== 'object' || quantity === null) return undefined;
  const { value, system, code, unit, comparator } = quantity as Json;
  if (typeof value !== 'number' || comparator !== undefined) return undefined;
  const coded = system === 'http://unitsofmeasure.org' ? code : unit;
  return {
    type: 'Quantity',
    system: { value: fromNumber(value), unit: typeof coded === 'string' ? coded : '1' },
  };
}

export function boolean(value: boolean): System {
  return { type: 'Boolean', system: value };
}

export function string(value: string): System {
  return { type: 'String', system: value };
}

export function integer(value: number | bigint): System {
  return { type: 'Integer', system: { digits: BigInt(value), places: 0 } };
}

export function decimal(value: Decimal): System {
  return { type: 'Decimal', system: value };
}

/** A number as it is written: without places an Integer. */
export function numberOf(text: string): System | undefined {
  const value = decimalOf(text);
  return value && { type: text.includes('.') ? 'Decimal' : 'Integer', system: value };
}

export function ofTemporal(value: Temporal | undefined): System | undefined {
  return value && { type: value.kind, system: value };
}

const named = new WeakMap<TypeModel, ReadonlyMap<string, readonly Property[]>>();

/** Properties of a type by the name of their element: `value` gives `valueQuantity`, `valueString`, … */
export function propertiesNamed(model: TypeModel, name: string): readonly Property[] | undefined {
  let known = named.get(model);
  if (known === undefined) {
    const made = new Map<string, Property[]>();
    for (const property of model.properties.values()) {
      const list = made.get(property.element.name);
      if (list) list.push(property);
      else made.set(property.element.name, [property]);
    }
    known = made;
    named.set(model, known);
  }
  return known.get(name);
}

/** The type whose members an element has: a primitive has those of every element. */
export function modelOf(models: TypeModels, { type, value }: FhirItem): TypeModel | undefined {
  return (
    models.get(typeof value === 'object' && value !== null ? type : 'Element') ??
    models.get('Element')
  );
}

export function itemsOf(item: FhirItem, property: Property, into: Item[]): void {
  const { value, twin } = item;
  const isObject = typeof value === 'object' && value !== null;
  const fields = isObject ? (value as Json) : twin;
  if (fields === undefined) return;
  const found = fields[property.name];
  const other = property.kind === 'primitive' ? fields[`_${property.name}`] : undefined;
  if (found === undefined && other === undefined) return;
  const resource = isObject && 'resourceType' in fields ? fields : item.resource;
  if (!property.many) {
    into.push(itemOf(property, found, { twin: other, resource }));
    return;
  }
  const values: readonly unknown[] = Array.isArray(found) ? found : [];
  const twins: readonly unknown[] = Array.isArray(other) ? other : [];
  const count = Math.max(values.length, twins.length);
  for (let index = 0; index < count; index++) {
    into.push(itemOf(property, values[index], { twin: twins[index], resource }));
  }
}

function itemOf(
  property: Property,
  value: unknown,
  { twin, resource }: { readonly twin: unknown; readonly resource: Json | undefined },
): FhirItem {
  const isObject = typeof value === 'object' && value !== null;
  const named =
    property.kind === 'resource' && isObject ? (value as Json)['resourceType'] : undefined;
  return {
    type: typeof named === 'string' ? named : property.type,
    value: value ?? undefined,
    ...(typeof twin === 'object' && twin !== null ? { twin: twin as Json } : {}),
    resource,
  };
}
