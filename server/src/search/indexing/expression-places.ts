import { typeNamed } from '../../fhir/fhirpath/parse.ts';
import type { Tree } from '../../fhir/fhirpath/parse.ts';
import type { TypeModels } from '../../fhir/type-model.ts';
import type { Step } from './element-path.ts';
import { madeBy, SAME } from './expression-functions.ts';
import { isKindOf, ofType, stepTo } from './expression-steps.ts';
import type { Destination, Leading } from './expression-steps.ts';

type Destinations = readonly Destination[];
type Call = Tree & { readonly kind: 'call' };
type Binary = Tree & { readonly kind: 'binary' };

/** Unions inside of unions multiply. */
const MOST_PLACES = 1_000;

export function start(base: string): Destination {
  return { steps: [], types: [base] };
}

/**
 * Tells where a parsed expression leads from these places on.
 * @throws SyntaxError for names that R4 does not have there, and for what cannot be indexed
 */
export function placesOf(tree: Tree, here: Destinations, on: Leading): Destinations {
  const places = leadsTo(tree, here, on);
  if (places.length > MOST_PLACES) throw new SyntaxError('it leads to too many elements');
  return places;
}

function leadsTo(tree: Tree, here: Destinations, on: Leading): Destinations {
  switch (tree.kind) {
    case 'member':
      return member(tree, here, on);
    case 'call':
      return call(tree, here, on);
    case 'index':
      return indexed(tree, here, on);
    case 'as':
      return narrowed(placesOf(tree.of, here, on), tree.type, on);
    case 'is':
      assertTypeAsked(tree.of, here, on);
      return made(on, 'boolean');
    case 'binary':
      return binary(tree, here, on);
    case 'special':
      return tree.name === '$this' ? here : made(on, 'integer');
    case 'variable':
      on.plain = false;
      if (['resource', 'context', 'rootResource'].includes(tree.name)) return [start(on.base)];
      return made(on, 'string');
    case 'sign':
      placesOf(tree.of, here, on);
      return made(on, 'decimal');
    default:
      return made(on, tree.kind === 'number' ? 'decimal' : tree.kind);
  }
}

function made(on: Leading, type: string): Destinations {
  on.plain = false;
  return [{ steps: [], types: [type], made: true }];
}

/** A path may begin with the type that it is about; what begins with another one leads nowhere. */
function member(
  { of, name }: Tree & { readonly kind: 'member' },
  here: Destinations,
  on: Leading,
): Destinations {
  if (of === undefined && /^[A-Z]/.test(name)) {
    if (isKindOf(on.models, on.base, name)) return [start(on.base)];
    if (on.models.get(name)?.kind === 'resource') return [];
    throw new SyntaxError(`R4 has no type ${name}`);
  }
  return children(of === undefined ? here : placesOf(of, here, on), name, on);
}

function children(places: Destinations, name: string, on: Leading): Destinations {
  const found = places.flatMap((place) => stepTo(place, name, on) ?? []);
  if (found.length === 0 && places.length > 0) {
    const types = places.flatMap((place) => place.types);
    throw new SyntaxError(`${types.join(' or ').slice(0, 80)} has no element ${name}`);
  }
  return found;
}

function call(tree: Call, here: Destinations, on: Leading): Destinations {
  const { of, name } = tree;
  if (name === 'is') {
    if (of !== undefined) assertTypeAsked(of, here, on);
    return made(on, 'boolean');
  }
  const before = of === undefined ? here : placesOf(of, here, on);
  const narrow = NARROWING.get(name);
  if (narrow) return narrow(before, tree.parameters[0], on);
  on.plain = false;
  return leading(tree, before, { here, on });
}

type Narrow = (before: Destinations, parameter: Tree | undefined, on: Leading) => Destinations;

/** Functions that steps may tell. */
const NARROWING: ReadonlyMap<string, Narrow> = new Map<string, Narrow>([
  ['as', (before, type, on) => narrowed(before, typeNamed(type), on)],
  ['ofType', (before, type, on) => narrowed(before, typeNamed(type), on)],
  ['where', (before, criterion, on) => where(before, criterion, on)],
  ['extension', (before, url, on) => urlIs(children(before, 'extension', on), url, on)],
]);

function leading(
  { name, parameters }: Call,
  before: Destinations,
  { here, on }: { readonly here: Destinations; readonly on: Leading },
): Destinations {
  const [first, ...others] = parameters;
  const from = (each: Tree): Destinations => placesOf(each, before, on);
  switch (name) {
    case 'select':
      return first === undefined ? [] : from(first);
    case 'repeat':
      return first === undefined ? [] : repeated(before, first, on);
    case 'union':
    case 'combine':
      return [...before, ...parameters.flatMap((each) => placesOf(each, here, on))];
    case 'iif':
      if (first) from(first);
      return others.flatMap(from);
  }
  const type = madeBy(name);
  // Criteria are about each of the items before, other parameters about what the whole is about.
  const around = name === 'exists' || name === 'all' ? before : here;
  for (const each of parameters) placesOf(each, around, on);
  return SAME.has(name) ? before : made(on, type);
}

function repeated(before: Destinations, next: Tree, on: Leading): Destinations {
  const seen = new Set<string>();
  const found: Destination[] = [];
  let layer = before;
  while (layer.length > 0) {
    layer = placesOf(next, layer, on).filter(({ types }) => !seen.has(types.join()));
    for (const place of layer) seen.add(place.types.join());
    found.push(...layer);
  }
  return found;
}

function narrowed(places: Destinations, type: string, on: Leading): Destinations {
  const name = bareName(type);
  const found = places.flatMap((place) => ofType(place, name, on) ?? []);
  if (found.length === 0 && places.length > 0) throw new SyntaxError(`nothing there is a ${name}`);
  return found;
}

function bareName(type: string): string {
  return type.replace(/^FHIR\./, '');
}

/** `x[0]` is told by a step where it is the first: further on it would be one of each. */
function indexed(
  { of, index }: Tree & { readonly kind: 'index' },
  here: Destinations,
  on: Leading,
): Destinations {
  const places = placesOf(of, here, on);
  aside(index, here, on);
  const [only] = places;
  const [step] = only?.steps ?? [];
  const isFirst = places.length === 1 && only?.steps.length === 1 && of.kind === 'member';
  if (!isFirst || index.kind !== 'number' || !/^\d+$/.test(index.text) || step === undefined) {
    on.plain = false;
    return places;
  }
  return [{ ...only, steps: [{ ...step, index: Number(index.text) }] }];
}

/** Reads what stands beside; a step may tell it or not, which is for the caller to say. */
function aside(tree: Tree, here: Destinations, on: Leading): void {
  const { plain } = on;
  placesOf(tree, here, on);
  on.plain = plain;
}

/** `where(x = 'y')` and `where(resolve() is T)` are told by the step before. */
function where(places: Destinations, criterion: Tree | undefined, on: Leading): Destinations {
  if (criterion === undefined) throw new SyntaxError('where() needs a criterion');
  const target = targetAsked(criterion);
  if (target !== undefined) {
    if (on.models.get(target)?.kind !== 'resource')
      throw new SyntaxError(`R4 has no type ${target}`);
    return places.map((place) => withStep(place, on, (step) => ({ ...step, target })));
  }
  aside(criterion, places, on);
  if (criterion.kind === 'binary' && criterion.operator === '=') {
    const { left, right } = criterion;
    if (left.kind === 'member' && left.of === undefined && right.kind === 'string') {
      const { name: property } = left;
      if (places.every(({ types }) => types.every((type) => isOne(on.models, type, property)))) {
        return places.map((place) =>
          withStep(place, on, (step) => ({ ...step, where: { property, value: right.text } })),
        );
      }
    }
  }
  on.plain = false;
  return places;
}

function isOne(models: TypeModels, type: string, name: string): boolean {
  const property = models.get(type)?.properties.get(name);
  return property !== undefined && !property.many;
}

function urlIs(places: Destinations, url: Tree | undefined, on: Leading): Destinations {
  if (url === undefined) throw new SyntaxError('extension() needs a URL');
  const left: Tree = { kind: 'member', name: 'url' };
  return where(places, { kind: 'binary', operator: '=', left, right: url }, on);
}

function withStep(place: Destination, on: Leading, change: (step: Step) => Step): Destination {
  const last = place.steps.at(-1);
  // A step says one thing of its values.
  if (last === undefined || last.where || last.target || last.index !== undefined) on.plain = false;
  if (last === undefined) return place;
  return { ...place, steps: [...place.steps.slice(0, -1), change(last)] };
}

/** The type in `resolve() is T`. */
function targetAsked(criterion: Tree): string | undefined {
  const { kind } = criterion;
  if (kind === 'is') return isResolve(criterion.of) ? bareName(criterion.type) : undefined;
  if (kind !== 'call' || criterion.name !== 'is' || criterion.of === undefined) return undefined;
  return isResolve(criterion.of) ? bareName(typeNamed(criterion.parameters[0])) : undefined;
}

function isResolve(tree: Tree): boolean {
  return tree.kind === 'call' && tree.name === 'resolve' && tree.of === undefined;
}

/** Asserts that only the type is asked of what a reference leads to: nothing else is known here. */
function assertTypeAsked(of: Tree, here: Destinations, on: Leading): void {
  const isTarget = of.kind === 'call' && of.name === 'resolve';
  if (!isTarget) placesOf(of, here, on);
  else if (of.of !== undefined) placesOf(of.of, here, on);
}

function binary({ operator, left, right }: Binary, here: Destinations, on: Leading): Destinations {
  const [a, b] = [placesOf(left, here, on), placesOf(right, here, on)];
  on.plain = false;
  switch (operator) {
    case '|':
      return [...a, ...b];
    case '&':
      return made(on, 'string');
    case '+':
      return made(
        on,
        [...a, ...b].some(({ types }) => types.includes('string')) ? 'string' : 'decimal',
      );
    case '-':
    case '*':
    case '/':
    case 'div':
    case 'mod':
      return made(on, 'decimal');
    default:
      return made(on, 'boolean');
  }
}
