import type { Property, TypeModels } from '../../fhir/type-model.ts';

/**
 * R4's search expressions use a small part of FHIRPath: paths, casts, two forms of `where`, one index and one
 * boolean. They are compiled to steps over JSON properties whose types the definitions tell.
 */
export interface ElementPath {
  readonly steps: readonly Step[];
  /** `X.exists() and X != false` as one boolean. */
  readonly truth?: true;
}

interface Step {
  /** JSON property → type of its value. */
  readonly properties: readonly { readonly name: string; readonly type: string }[];
  readonly where?: { readonly property: string; readonly value: string };
  /** Only references to this type. */
  readonly target?: string;
  readonly index?: number;
}

export type Visit = (value: unknown, type: string, target: string | undefined) => void;

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
    .map((part) => ({ steps: compileSteps(models, type, segmentsOf(part), part) }));
}

/** The types of the values a path ends in; the path to the resource itself has none. */
export function leafTypes(path: ElementPath): string[] {
  if (path.truth) return ['boolean'];
  return [...new Set(path.steps.at(-1)?.properties.map(({ type }) => type))];
}

/** Calls `visit` for each value the path reaches; nulls are passed over. */
export function walkPath(path: ElementPath, resource: unknown, visit: Visit): void {
  if (path.steps.length === 0) {
    visit(resource, '', undefined);
    return;
  }
  if (!path.truth) {
    walk(path.steps, 0, resource, visit);
    return;
  }
  let holds = false;
  walk(path.steps, 0, resource, (value) => {
    holds ||= value !== false;
  });
  visit(holds, 'boolean', undefined);
}

function walk(steps: readonly Step[], position: number, parent: unknown, visit: Visit): void {
  const step = steps[position];
  if (!step || typeof parent !== 'object' || parent === null) return;
  for (const { name, type } of step.properties) {
    const value = (parent as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value)) arrive(steps, position, { value, type, visit });
    else if (step.index !== undefined)
      arrive(steps, position, { value: value[step.index], type, visit });
    else for (const item of value) arrive(steps, position, { value: item, type, visit });
  }
}

function arrive(
  steps: readonly Step[],
  position: number,
  at: { readonly value: unknown; readonly type: string; readonly visit: Visit },
): void {
  const { value, type, visit } = at;
  if (value === undefined || value === null) return;
  const step = steps[position];
  const where = step?.where;
  if (where && (value as Record<string, unknown>)[where.property] !== where.value) return;
  if (position + 1 < steps.length) walk(steps, position + 1, value, visit);
  else visit(value, type, step?.target);
}

function compileOne(models: TypeModels, base: string, text: string): ElementPath {
  const plain = text
    .trim()
    .replace(/^\(([\w.]+) as (\w+)\)/, '$1.as($2)')
    .replace(/^\((.*)\)$/, '$1');
  const [root, ...segments] = segmentsOf(plain);
  if (root !== base)
    throw new SyntaxError(`expression of ${base} starts at ${root ?? 'nothing'}: ${text}`);
  return { steps: compileSteps(models, base, segments, text) };
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
