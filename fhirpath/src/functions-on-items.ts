import { areEquivalent, distinct, isIn } from './equality.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, integer, isSystem, ofTemporal, string, toSystem } from './item.ts';
import type { Item, System } from './item.ts';
import { single, singleSystem, truth } from './singletons.ts';
import { NONE } from './scope.ts';
import type { Items, Scope } from './scope.ts';
import { temporalOf, timeOf } from './temporal.ts';

/** A function of its input and the values of its parameters. */
export type ItemFunction = (input: Items, parameters: readonly Items[], scope: Scope) => Items;

function whole(items: Items | undefined): number {
  const value = singleSystem(items ?? NONE);
  if (value?.type === 'Integer') return Number(value.system.digits);
  throw new FhirPathFault('A whole number is expected');
}

function flags(input: Items): readonly boolean[] {
  return input.map((item) => {
    const value = toSystem(item);
    if (value?.type === 'Boolean') return value.system;
    throw new FhirPathFault('Only values that are true or false are expected');
  });
}

const every =
  (test: (flag: boolean) => boolean): ItemFunction =>
  (input) => [boolean(flags(input).every(test))];
const some =
  (test: (flag: boolean) => boolean): ItemFunction =>
  (input) => [boolean(flags(input).some(test))];

function within(part: Items, all: Items, scope: Scope): boolean {
  scope.world.spend(part.length * all.length);
  return part.every((item) => isIn(item, all));
}

function common(input: Items, other: Items, { world }: Scope): Items {
  world.spend(input.length * other.length);
  return distinct(input).filter((item) => isIn(item, other));
}

function without(input: Items, other: Items, { world }: Scope): Items {
  world.spend(input.length * other.length);
  return input.filter((item) => !isIn(item, other));
}

function now(scope: Scope): string {
  return new Date(scope.world.now()).toISOString();
}

function present(value: System | undefined): Items {
  return value === undefined ? NONE : [value];
}

/** Functions by name. */
export const ITEM_FUNCTIONS: ReadonlyMap<string, ItemFunction> = new Map<string, ItemFunction>([
  ['empty', (input) => [boolean(input.length === 0)]],
  [
    'not',
    (input) => {
      const value = truth(input);
      return value === undefined ? NONE : [boolean(!value)];
    },
  ],
  ['allTrue', every((flag) => flag)],
  ['allFalse', every((flag) => !flag)],
  ['anyTrue', some((flag) => flag)],
  ['anyFalse', some((flag) => !flag)],
  ['subsetOf', (input, [other = NONE], scope) => [boolean(within(input, other, scope))]],
  ['supersetOf', (input, [other = NONE], scope) => [boolean(within(other, input, scope))]],
  ['count', (input) => [integer(input.length)]],
  ['distinct', (input) => distinct(input)],
  ['isDistinct', (input) => [boolean(distinct(input).length === input.length)]],
  [
    'single',
    (input) => {
      const item = single(input);
      return item === undefined ? NONE : [item];
    },
  ],
  ['first', (input) => input.slice(0, 1)],
  ['last', (input) => input.slice(-1)],
  ['tail', (input) => input.slice(1)],
  ['skip', (input, [count]) => input.slice(Math.max(0, whole(count)))],
  ['take', (input, [count]) => input.slice(0, Math.max(0, whole(count)))],
  ['intersect', (input, [other = NONE], scope) => common(input, other, scope)],
  ['exclude', (input, [other = NONE], scope) => without(input, other, scope)],
  ['union', (input, [other = NONE]) => distinct([...input, ...other])],
  ['combine', (input, [other = NONE]) => [...input, ...other]],
  [
    'join',
    (input, [by = NONE]) => {
      const separator = singleSystem(by);
      const texts = input.map((item) => toSystem(item));
      const parts = texts.map((value) => (value?.type === 'String' ? value.system : ''));
      return input.length === 0
        ? NONE
        : [string(parts.join(separator?.type === 'String' ? separator.system : ''))];
    },
  ],
  ['hasValue', (input) => [boolean(input.length === 1 && hasValue(input[0]))]],
  [
    'getValue',
    (input) => {
      const [item] = input;
      const value = input.length === 1 && item && hasValue(item) ? toSystem(item) : undefined;
      return present(value);
    },
  ],
  ['now', (_input, _none, scope) => present(ofTemporal(temporalOf(now(scope))))],
  ['today', (_input, _none, scope) => present(ofTemporal(temporalOf(now(scope).slice(0, 10))))],
  ['timeOfDay', (_input, _none, scope) => present(ofTemporal(timeOf(now(scope).slice(11, 23))))],
  ['resolve', (input, _none, scope) => input.flatMap((item) => target(item, scope) ?? [])],
  [
    'memberOf',
    (input, [set = NONE], scope) => {
      const [item, url] = [single(input), singleSystem(set)];
      if (item === undefined || url?.type !== 'String') return NONE;
      const found = scope.world.memberOf(item, url.system);
      return found === undefined ? NONE : [boolean(found)];
    },
  ],
  [
    'conformsTo',
    (input, [profile = NONE], scope) => {
      const [item, url] = [single(input), singleSystem(profile)];
      if (item === undefined || url?.type !== 'String') return NONE;
      const found = scope.world.conformsTo(item, url.system);
      if (found === undefined)
        throw new FhirPathFault(`The profile ${url.system} is not known here`);
      return [boolean(found)];
    },
  ],
  ['htmlChecks', () => [boolean(true)]],
  ['type', (input) => input.map((item) => typeInfo(item))],
  ['isEquivalent', (input, [other = NONE]) => [boolean(areEquivalent(input, other))]],
]);

function hasValue(item: Item | undefined): boolean {
  if (item === undefined) return false;
  if (isSystem(item)) return true;
  return item.value !== undefined && typeof item.value !== 'object';
}

function target(item: Item, { world }: Scope): Item | undefined {
  if (isSystem(item))
    return item.type === 'String' ? world.resolve(item.system, undefined) : undefined;
  const { value } = item;
  const reference =
    typeof value === 'string'
      ? value
      : (value as { readonly reference?: unknown } | undefined)?.reference;
  return typeof reference === 'string' ? world.resolve(reference, item.resource) : undefined;
}

function typeInfo(item: Item): Item {
  const namespace = isSystem(item) ? 'System' : 'FHIR';
  return { type: 'TypeInfo', value: { namespace, name: item.type } };
}
