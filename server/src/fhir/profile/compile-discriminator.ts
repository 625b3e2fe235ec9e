import type { ElementDefinition } from 'fhir/r4.js';
import { typeNames, valueOf } from './element-definition.ts';
import { childOf, typeTree } from './element-tree.ts';
import type { ElementNode, FindStructure } from './element-tree.ts';
import type { Discriminator, ValueTest } from './profile-model.ts';

/** Returns what tells the items of a slice from others; undefined where the profile does not say it. */
export function discriminatorsOf(
  slicing: ElementDefinition['slicing'],
  slice: ElementNode,
  find: FindStructure,
): readonly Discriminator[] | undefined {
  const stated = slicing?.discriminator ?? [];
  const found = stated.flatMap(({ type, path }) => {
    const extension = path === 'url' ? slice.definition.type?.[0]?.profile?.[0] : undefined;
    if (extension !== undefined) return [byUrl(extension)];
    const steps = stepsOf(path);
    const end = along(slice, steps, find);
    const made = end && discriminator(type, { steps, end });
    return made === undefined ? [] : [made];
  });
  return found.length === 0 ? undefined : found;
}

/** An extension is known by its URL, which is that of its definition. */
function byUrl(profile: string): Discriminator {
  const test = { value: { kind: 'fixed', value: profile.split('|')[0] }, inner: [] } as const;
  return { path: ['url'], expects: { kind: 'value', test } };
}

interface End {
  readonly node: ElementNode;
  /** Says how many steps of the path were taken. */
  readonly taken: number;
}

function discriminator(
  type: string,
  { steps, end: { node, taken } }: { readonly steps: readonly string[]; readonly end: End },
): Discriminator | undefined {
  const path = steps.slice(0, taken);
  switch (type) {
    case 'value':
    case 'pattern': {
      const test = testOf(node);
      return test && { path, expects: { kind: 'value', test } };
    }
    case 'exists':
      if (taken < steps.length) return undefined;
      if (node.definition.max === '0') return { path, expects: { kind: 'exists', present: false } };
      return (node.definition.min ?? 0) > 0
        ? { path, expects: { kind: 'exists', present: true } }
        : undefined;
    case 'type': {
      const types = typeNames(node.definition);
      const targets = profilesOf(node.definition, steps);
      if (steps.includes('resolve()')) {
        return { path: steps, expects: { kind: 'profile', profiles: targets } };
      }
      return types.length === 0
        ? undefined
        : { path, expects: { kind: 'type', types: new Set(types) } };
    }
    case 'profile': {
      const profiles = profilesOf(node.definition, steps);
      return profiles.length === 0
        ? undefined
        : { path: steps, expects: { kind: 'profile', profiles } };
    }
    default:
      return undefined;
  }
}

function profilesOf(definition: ElementDefinition, steps: readonly string[]): readonly string[] {
  const types = definition.type ?? [];
  return steps.at(-1) === 'resolve()'
    ? types.flatMap(({ targetProfile }) => targetProfile ?? [])
    : types.flatMap(({ profile }) => profile ?? []);
}

/** `code.coding`, `extension('url').value`, `$this.resolve()` as steps. */
function stepsOf(path: string): readonly string[] {
  const steps: string[] = [];
  for (const [step] of path.matchAll(/extension\((?:'[^']*'|"[^"]*")\)|[^.()]+(?:\([^)]*\))?/g)) {
    if (step !== '$this') steps.push(step);
  }
  return steps;
}

/** The element of a slice at the end of a path, or a fixed or patterned one on the way there. */
function along(slice: ElementNode, steps: readonly string[], find: FindStructure): End | undefined {
  let node = slice;
  let taken = 0;
  for (const step of steps) {
    if (taken > 0 && valueOf(node.definition) !== undefined) break;
    if (step === 'resolve()') {
      taken++;
      continue;
    }
    const next = step.startsWith('ofType(') ? node : nextOf(node, step, find);
    if (next === undefined) {
      return valueOf(node.definition) === undefined ? undefined : { node, taken };
    }
    node = next;
    taken++;
  }
  return { node, taken };
}

function nextOf(node: ElementNode, step: string, find: FindStructure): ElementNode | undefined {
  const url = /^extension\(['"](.*)['"]\)$/.exec(step)?.[1];
  if (url === undefined) {
    const own = childOf(node, step);
    const type = own === undefined ? typeTree(node.definition, find) : undefined;
    return own ?? (type && childOf(type, step));
  }
  return [...(node.children?.values() ?? [])].find(
    ({ segment, definition }) =>
      /^(modifierE|e)xtension:/.test(segment) &&
      definition.type?.some(({ profile }) => profile?.includes(url)),
  );
}

function testOf(node: ElementNode): ValueTest | undefined {
  const value = valueOf(node.definition);
  if (value !== undefined) return { value, inner: [] };
  const inner = [...(node.children ?? [])].flatMap(([segment, child]) => {
    const name = segment.split(/[:[]/)[0] ?? '';
    const test = (child.definition.min ?? 0) > 0 ? testOf(child) : undefined;
    return test === undefined ? [] : [[name, test] as const];
  });
  if (inner.length > 0) return { inner };
  const { binding } = node.definition;
  if (binding?.strength !== 'required' || binding.valueSet === undefined) return undefined;
  return { binding: binding.valueSet, inner: [] };
}
