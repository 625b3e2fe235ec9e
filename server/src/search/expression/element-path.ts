/**
 * R4's search expressions use a small part of FHIRPath: paths, casts, two forms of `where`, one index and one
 * boolean. They are compiled to steps over JSON properties whose types the definitions tell. Whatever else a guide
 * writes is evaluated by the FHIRPath engine.
 */
export interface ElementPath {
  readonly steps: readonly Step[];
  /** `X.exists() and X != false` as one boolean. */
  readonly truth?: true;
  /** Type of the values that an expression makes itself, such as `boolean` of `exists()`. Then there are no steps. */
  readonly made?: string;
  /** There are no steps, but an expression. */
  readonly evaluated?: Evaluated;
  /** Says what names the system of the codes that it ends in: a member of the value so many steps from the start. */
  readonly system?: { readonly depth: number; readonly member: string };
}

export interface Evaluated {
  /** Says where the values lie, by their types; what is left out of them on the way is not told. */
  readonly shapes: readonly ElementPath[];
  /** The values in what the path starts from; none where the expression cannot be evaluated. */
  readonly values: (from: unknown) => readonly { readonly value: unknown; readonly type: string }[];
}

export interface Step {
  /** JSON property → type of its value. */
  readonly properties: readonly { readonly name: string; readonly type: string }[];
  readonly where?: { readonly property: string; readonly value: string };
  /** Leaves references to this type only. */
  readonly target?: string;
  readonly index?: number;
}

/** Holds what the path says of a value beside its type. */
export interface Beside {
  /** Only a reference to this type counts. */
  readonly target?: string | undefined;
  /** The code system that a code is of, as it stands in the resource. */
  readonly system?: unknown;
}

export type Visit = (value: unknown, type: string, beside: Beside) => void;

/** The types of the values a path ends in; the path to the resource itself has none. */
export function leafTypes(path: ElementPath): string[] {
  if (path.truth) return ['boolean'];
  if (path.made !== undefined) return [path.made];
  if (path.evaluated) return [...new Set(path.evaluated.shapes.flatMap(leafTypes))];
  return [...new Set(path.steps.at(-1)?.properties.map(({ type }) => type))];
}

/** Tells whether a path leads to the very thing that it starts from. */
export function isWhole({ steps, evaluated }: ElementPath): boolean {
  return steps.length === 0 && evaluated === undefined;
}

/** Tells where the values of the paths lie. */
export function shapesOf(paths: readonly ElementPath[]): readonly ElementPath[] {
  return paths.flatMap((path) => path.evaluated?.shapes ?? [path]);
}

/** Calls `visit` for each value the path reaches; nulls are passed over. */
export function walkPath(path: ElementPath, resource: unknown, visit: Visit): void {
  if (path.evaluated) {
    for (const { value, type } of path.evaluated.values(resource)) visit(value, type, {});
    return;
  }
  if (isWhole(path)) {
    visit(resource, '', {});
    return;
  }
  const from: TypedValue = { value: resource, type: '', system: systemIn(path, 0, resource) };
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

interface TypedValue {
  readonly value: unknown;
  readonly type: string;
  /** Is the system of the codes below, once it is known. */
  readonly system: unknown;
}

function walk(on: Walk, position: number, { value: parent, system }: TypedValue): void {
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

function arrive(on: Walk, position: number, { value, type, system: above }: TypedValue): void {
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
