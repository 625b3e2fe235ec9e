import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js';

/** The elements of a StructureDefinition as a tree. */
export interface ElementNode {
  /** `Patient`, `name`, `value[x]`, `extension:race`, `coding:main/inner`. */
  readonly segment: string;
  readonly definition: ElementDefinition;
  /** By segment; undefined where the definition of the element's type holds and nothing is added to it. */
  children: Map<string, ElementNode> | undefined;
}

/** Finds a StructureDefinition by its canonical URL. */
export type FindStructure = (url: string) => StructureDefinition | undefined;

/** A definition that cannot be made sense of. */
export class ProfileFault extends Error {
  override readonly name = 'ProfileFault';
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const DEEPEST = 20;

/** The whole tree of a structure: its snapshot, or what its differential makes of the structure it is based on. */
export function treeOf(
  structure: StructureDefinition,
  find: FindStructure,
  depth = 0,
): ElementNode {
  const snapshot = structure.snapshot?.element;
  return snapshot !== undefined && snapshot.length > 0
    ? fromSnapshot(structure, snapshot)
    : derivedTree(structure, find, depth);
}

/** Returns what the differential of a structure makes of the structure it is based on. @throws ProfileFault */
export function derivedTree(
  structure: StructureDefinition,
  find: FindStructure,
  depth = 0,
): ElementNode {
  if (depth > DEEPEST) throw new ProfileFault(`${structure.url} is based on itself`);
  const parent = structure.baseDefinition ?? '';
  const base = find(parent);
  if (base === undefined) {
    throw new ProfileFault(`${structure.url} is based on ${parent}, which is not known`);
  }
  const root = treeOf(base, find, depth + 1);
  const unfold: Unfold = (definition) => unfolded(definition, find, { root, depth });
  const segments = segmentsOf(structure.differential?.element ?? []);
  for (const { element, path } of segments) {
    let node = root;
    for (const segment of path.slice(1)) node = descend(node, segment, unfold);
    if (!isPathOf(node, path, element.path)) {
      throw new ProfileFault(`The path ${element.path} is not that of ${path.join('.')}`);
    }
    for (const { code, profile } of element.type ?? []) {
      for (const url of profile ?? []) assertKind(url, code, { element, find });
    }
    adopt(node, element);
  }
  return root;
}

/** Tells whether a path names the element of an id; a choice may be named by one of its types. */
function isPathOf({ definition }: ElementNode, segments: readonly string[], path: string): boolean {
  const names = segments.map((segment) => splitSegment(segment)[0]);
  const last = names.at(-1) ?? '';
  const above = path.slice(0, path.lastIndexOf('.') + 1);
  const own = path.slice(above.length);
  if (
    above !==
    names
      .slice(0, -1)
      .map((name) => `${name}.`)
      .join('')
  ) {
    // Somewhere on the way a choice is named by its type.
    return names.some((name) => name.endsWith('[x]'));
  }
  if (own === last || !last.endsWith('[x]')) return own === last;
  return (definition.type ?? []).some(({ code }) => own === choiceName(last, code));
}

function choiceName(segment: string, code: string): string {
  return segment.slice(0, -'[x]'.length) + code.charAt(0).toUpperCase() + code.slice(1);
}

/** A profile on an element is one on its type. */
function assertKind(
  url: string,
  code: string,
  { element, find }: { readonly element: ElementDefinition; readonly find: FindStructure },
): void {
  const type = url.includes('#') ? undefined : find(url)?.type;
  if (type === undefined || type === code || code === 'BackboneElement' || code === 'Resource')
    return;
  throw new ProfileFault(`${element.path} is a ${code}, and ${url} is a profile on ${type}`);
}

/** The child of a node; undefined when the tree goes no further there. `value` finds `value[x]`. */
export function childOf(node: ElementNode, segment: string): ElementNode | undefined {
  return node.children?.get(segment) ?? node.children?.get(`${segment}[x]`);
}

/** `coding:main/inner` as `coding` and `main/inner`. */
export function splitSegment(segment: string): readonly [name: string, slice: string | undefined] {
  const colon = segment.indexOf(':');
  return colon < 0 ? [segment, undefined] : [segment.slice(0, colon), segment.slice(colon + 1)];
}

/** The tree of the type that an element has, or of the profile on it when there is one. */
export function typeTree(
  definition: ElementDefinition,
  find: FindStructure,
  depth = 0,
): ElementNode | undefined {
  const [type, ...others] = definition.type ?? [];
  if (type === undefined || others.length > 0) return undefined;
  const [profile, ...more] = type.profile ?? [];
  const url = profile !== undefined && more.length === 0 ? profile : CORE + type.code;
  const structure = find(url) ?? find(CORE + type.code);
  return structure && treeOf(structure, find, depth + 1);
}

function fromSnapshot(
  structure: StructureDefinition,
  elements: readonly ElementDefinition[],
): ElementNode {
  const byPath = new Map<string, ElementNode>();
  let root: ElementNode | undefined;
  for (const { element, path } of segmentsOf(elements)) {
    const segment = path.at(-1) ?? '';
    const node: ElementNode = { segment, definition: { ...element }, children: undefined };
    const parent = byPath.get(path.slice(0, -1).join('.'));
    if (parent) (parent.children ??= new Map()).set(segment, node);
    else root ??= node;
    byPath.set(path.join('.'), node);
  }
  if (root === undefined) throw new ProfileFault(`${structure.url} has no elements`);
  return root;
}

interface Placed {
  readonly element: ElementDefinition;
  readonly path: readonly string[];
}

/** Tells where elements belong: by their ids, or by path and slice name where a definition leaves the ids out. */
function segmentsOf(elements: readonly ElementDefinition[]): Placed[] {
  const slices = new Map<string, string>();
  return elements.map((element) => {
    const names = element.path.split('.');
    if (element.id?.split('.').length === names.length) {
      return { element, path: element.id.split('.') };
    }
    for (const path of slices.keys()) if (!isBelow(element.path, path)) slices.delete(path);
    if (element.sliceName !== undefined) slices.set(element.path, element.sliceName);
    const path = names.map((name, index) => {
      const slice = slices.get(names.slice(0, index + 1).join('.'));
      return slice === undefined ? name : `${name}:${slice}`;
    });
    return { element, path };
  });
}

function isBelow(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`);
}

type Unfold = (definition: ElementDefinition) => Map<string, ElementNode>;

function unfolded(
  definition: ElementDefinition,
  find: FindStructure,
  { root, depth }: { readonly root: ElementNode; readonly depth: number },
): Map<string, ElementNode> {
  const reference = definition.contentReference?.split('#')[1];
  if (reference !== undefined) {
    let node: ElementNode | undefined = root;
    for (const name of reference.split('.').slice(1)) node = node && childOf(node, name);
    return copies(node?.children);
  }
  return typeTree(definition, find, depth)?.children ?? new Map<string, ElementNode>();
}

function descend(node: ElementNode, segment: string, unfold: Unfold): ElementNode {
  const children = (node.children ??= unfold(node.definition));
  const known = children.get(segment);
  if (known) return known;
  const [name, slice] = splitSegment(segment);
  if (slice === undefined) {
    const choice = [...children.values()].find((child) => isChoiceOf(child, name));
    if (choice) return shorthand(node, choice, { name, unfold });
    throw new ProfileFault(`${node.definition.path} has no element ${name}`);
  }
  const outer = slice.includes('/') ? `${name}:${slice.slice(0, slice.lastIndexOf('/'))}` : name;
  const origin = descend(node, outer, unfold);
  // A slice is not required because the element is; what else holds of the element is checked of all its items.
  const definition = { ...origin.definition };
  delete definition.slicing;
  delete definition.min;
  const made: ElementNode = {
    segment,
    definition: { ...definition, sliceName: slice },
    children: origin.children && copies(origin.children),
  };
  children.set(segment, made);
  return made;
}

/** `valueQuantity` written for the slice of `value[x]` with that type. */
function shorthand(
  node: ElementNode,
  choice: ElementNode,
  { name, unfold }: { readonly name: string; readonly unfold: Unfold },
): ElementNode {
  const code = typesNamed(choice, name);
  const slice = descend(node, `${choice.segment}:${name}`, unfold);
  adopt(slice, { path: slice.definition.path, type: code });
  choice.definition.slicing ??= {
    discriminator: [{ type: 'type', path: '$this' }],
    rules: 'open',
  };
  return slice;
}

function isChoiceOf(node: ElementNode, name: string): boolean {
  return node.segment.endsWith('[x]') && typesNamed(node, name).length > 0;
}

function typesNamed(choice: ElementNode, name: string): NonNullable<ElementDefinition['type']> {
  return (choice.definition.type ?? []).filter(
    ({ code }) => choiceName(choice.segment, code) === name,
  );
}

function copies(children: ReadonlyMap<string, ElementNode> | undefined): Map<string, ElementNode> {
  return new Map(
    [...(children ?? [])].map(([segment, child]) => [
      segment,
      {
        segment,
        definition: { ...child.definition },
        children: child.children && copies(child.children),
      },
    ]),
  );
}

/** Lets what a differential says of an element replace what its base says, and adds to its rules. */
function adopt(node: ElementNode, element: ElementDefinition): void {
  const { definition } = node;
  const { path } = definition;
  const { constraint, ...rest } = element;
  Object.assign(definition, rest, { path });
  if (constraint === undefined) return;
  const keys = new Set(constraint.map(({ key }) => key));
  const kept = (definition.constraint ?? []).filter(({ key }) => !keys.has(key));
  definition.constraint = [...kept, ...constraint];
}
