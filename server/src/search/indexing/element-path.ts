import type { Property, TypeModels } from '../../fhir/type-model.ts';

/**
 * R4's search expressions use a small part of FHIRPath: paths, casts, two forms of `where`, one index and one
 * boolean. They are compiled to steps over JSON properties whose types the definitions tell.
 */
export interface ElementPath {
  readonly steps: readonly Step[];
  /** `X.exists() and X != false` as one boolean. */
  readonly truth?: true;
  /** What names the system of the codes that it ends in: a member of the value so many steps from the start. */
  readonly system?: { readonly depth: number; readonly member: string };
}

interface Step {
  /** JSON property → type of its value. */
  readonly properties: readonly { readonly name: string; readonly type: string }[];
  readonly where?: { readonly property: string; readonly value: string };
  /** Only references to this type. */
  readonly target?: string;
  readonly index?: number;
}

/** What the path says of a value beside its type. */
export interface Beside {
  /** Only a reference to this type counts. */
  readonly target?: string | undefined;
  /** The code system that a code is of, as it stands in the resource. */
  readonly system?: unknown;
}

export type Visit = (value: unknown, type: string, beside: Beside) => void;

/**
 * Types whose member `code` has its system from elsewhere in the resource, and which type's member that is:
 * https://hl7.org/fhir/R4/codesystem.html, valueset.html, conceptmap.html
 */
const SYSTEMS: ReadonlyMap<string, { readonly of: string; readonly member: string }> = new Map([
  ['CodeSystem.concept', { of: 'CodeSystem', member: 'url' }],
  ['ConceptMap.group.element', { of: 'ConceptMap.group', member: 'source' }],
  ['ConceptMap.group.element.target', { of: 'ConceptMap.group', member: 'target' }],
  ['ValueSet.compose.include.concept', { of: 'ValueSet.compose.include', member: 'system' }],
  ['ValueSet.expansion.contains', { of: 'ValueSet.expansion.contains', member: 'system' }],
]);

const TRUTH = /^([\w.]+)\.exists\(\) and \1 != false$/;

/** @throws SyntaxError when the expression is outside of the part described above */
export function compilePaths(models: TypeModels, base: string, expression: string): ElementPath[] {
  return expression.split(' | ').map((part) => {
    const truth = TRUTH.exec(part);
    if (truth) return { ...compileOne(models, base, truth[1] ?? ''), truth: true };
    return compileOne(models, base, part);
  });
}

/** The same from an element of a type on: `value.as(Quantity)`. */
export function compileFrom(models: TypeModels, type: string, expression: string): ElementPath[] {
  return expression
    .split(' | ')
    .map((part) => withSystem(type, compileSteps(models, type, segmentsOf(part), part)));
}

/** The types of the values a path ends in; the path to the resource itself has none. */
export function leafTypes(path: ElementPath): string[] {
  if (path.truth) return ['boolean'];
  return [...new Set(path.steps.at(-1)?.properties.map(({ type }) => type))];
}

/** Calls `visit` for each value the path reaches; nulls are passed over. */
export function walkPath(path: ElementPath, resource: unknown, visit: Visit): void {
  if (path.steps.length === 0) {
    visit(resource, '', {});
    return;
  }
  const from: Place = { value: resource, type: '', system: systemIn(path, 0, resource) };
  if (!path.truth) {
    walk({ path, visit }, 0, from);
    return;
  }
  let holds = false;
  const note: Visit = (value) => {
    holds ||= value !== false;
  };
  walk({ path, visit: note }, 0, from);
  visit(holds, 'boolean', {});
}

interface Walk {
  readonly path: ElementPath;
  readonly visit: Visit;
}

interface Place {
  readonly value: unknown;
  readonly type: string;
  /** Of the codes below, once it is known. */
  readonly system: unknown;
}

function walk(on: Walk, position: number, { value: parent, system }: Place): void {
  const step = on.path.steps[position];
  if (!step || typeof parent !== 'object' || parent === null) return;
  for (const { name, type } of step.properties) {
    const value = (parent as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value)) arrive(on, position, { value, type, system });
    else if (step.index !== undefined)
      arrive(on, position, { value: value[step.index], type, system });
    else for (const item of value) arrive(on, position, { value: item, type, system });
  }
}

function arrive(on: Walk, position: number, { value, type, system: above }: Place): void {
  if (value === undefined || value === null) return;
  const { steps } = on.path;
  const step = steps[position];
  const where = step?.where;
  if (where && (value as Record<string, unknown>)[where.property] !== where.value) return;
  const system = systemIn(on.path, position + 1, value) ?? above;
  if (position + 1 < steps.length) walk(on, position + 1, { value, type, system });
  else on.visit(value, type, { target: step?.target, system });
}

function systemIn({ system }: ElementPath, depth: number, value: unknown): unknown {
  if (system?.depth !== depth || typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[system.member];
}

function compileOne(models: TypeModels, base: string, text: string): ElementPath {
  const plain = text
    .trim()
    .replace(/^\(([\w.]+) as (\w+)\)/, '$1.as($2)')
    .replace(/^\((.*)\)$/, '$1');
  const [root, ...segments] = segmentsOf(plain);
  if (root !== base)
    throw new SyntaxError(`expression of ${base} starts at ${root ?? 'nothing'}: ${text}`);
  return withSystem(base, compileSteps(models, base, segments, text));
}

function withSystem(base: string, steps: readonly Step[]): ElementPath {
  const types = [[base], ...steps.map(({ properties }) => properties.map(({ type }) => type))];
  const named = steps.at(-1)?.properties.every(({ name }) => name === 'code')
    ? SYSTEMS.get(types.at(-2)?.[0] ?? '')
    : undefined;
  const depth = types.findLastIndex(([type]) => named !== undefined && type === named.of);
  if (named === undefined || depth < 0) return { steps };
  return { steps, system: { depth, member: named.member } };
}

function segmentsOf(text: string): readonly string[] {
  return text.trim().match(/(?:[^.()]|\([^()]*(?:\([^()]*\))?[^()]*\))+/g) ?? [];
}

function compileSteps(
  models: TypeModels,
  from: string,
  segments: readonly string[],
  text: string,
): Step[] {
  const steps: Step[] = [];
  let types = [from];
  for (const segment of segments) {
    const last = steps.at(-1);
    const narrowed = last && narrow(last, segment);
    if (narrowed) steps[steps.length - 1] = narrowed;
    else steps.push(childStep(models, types, segment));
    types = steps.at(-1)?.properties.map(({ type }) => type) ?? [];
    if (types.length === 0) throw new SyntaxError(`no element ${segment}: ${text}`);
  }
  return steps;
}

/** What a segment says about the step before it; undefined when it is a step of its own. */
function narrow(step: Step, segment: string): Step | undefined {
  const cast = /^(?:as|ofType)\((\w+)\)$/.exec(segment);
  if (cast) {
    // R4 once writes DateTime for dateTime.
    const wanted = (type: string): boolean => type.toLowerCase() === cast[1]?.toLowerCase();
    return { ...step, properties: step.properties.filter(({ type }) => wanted(type)) };
  }
  const target = /^where\(resolve\(\) is (\w+)\)$/.exec(segment)?.[1];
  if (target) return { ...step, target };
  const where = /^where\((\w+)='([^']*)'\)$/.exec(segment);
  if (where) return { ...step, where: { property: where[1] ?? '', value: where[2] ?? '' } };
  return undefined;
}

function childStep(models: TypeModels, types: readonly string[], segment: string): Step {
  const parts = /^(\w+)(?:\[(\d+)\])?$/.exec(segment);
  if (!parts) throw new SyntaxError(`not understood: ${segment}`);
  const found = new Map<string, string>();
  for (const type of types) {
    for (const property of models.get(type)?.properties.values() ?? []) {
      if (matches(property, parts[1] ?? '')) found.set(property.name, property.type);
    }
  }
  const properties = [...found].map(([name, type]) => ({ name, type }));
  return { properties, ...(parts[2] === undefined ? {} : { index: Number(parts[2]) }) };
}

function matches(property: Property, name: string): boolean {
  return property.element.name === name;
}
