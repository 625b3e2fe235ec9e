import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js';
import type { Constraint } from '../definitions.ts';
import type { Property, TypeModel, TypeModels } from '../type-model.ts';
import { discriminatorsOf } from './compile-discriminator.ts';
import { typeNames, valueOf } from './element-definition.ts';
import { ProfileFault, splitSegment, treeOf } from './element-tree.ts';
import type { ElementNode, FindStructure } from './element-tree.ts';
import { propertiesOf } from './item.ts';
import type { ElementRule, Group, Profile, Slicing } from './profile-model.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** Is what compiling looks things up in. */
export interface Library {
  readonly models: TypeModels;
  readonly find: FindStructure;
  /** Keys of the invariants of R4 itself, which are checked without any profile. */
  readonly known: { readonly has: (key: string) => boolean };
}

interface ParentElement {
  readonly library: Library;
  /** The type whose elements the children are; undefined where any type may stand. */
  readonly model: TypeModel | undefined;
  readonly id: string;
}

/** @throws ProfileFault for a definition that cannot be made sense of */
export function compileProfile(structure: StructureDefinition, library: Library): Profile {
  const tree = treeOf(structure, library.find);
  const model = library.models.get(structure.type);
  if (model === undefined) throw new ProfileFault(`R4 has no type ${structure.type}`);
  const root = compileElement(tree, { library, model, id: structure.type }, undefined);
  return {
    url: structure.url,
    type: structure.type,
    title: structure.title ?? structure.name,
    // A resource's own profile does not say how often it occurs.
    root: withoutCount(root),
    contexts: (structure.context ?? []).map(({ type, expression }) => ({ type, expression })),
  };
}

function withoutCount(rule: ElementRule): ElementRule {
  const { id, value, binding, constraints, profiles, targets, groups } = rule;
  return {
    ...{ id, constraints, profiles, groups },
    ...(value === undefined ? {} : { value }),
    ...(binding === undefined ? {} : { binding }),
    ...(targets === undefined ? {} : { targets }),
  };
}

/** @param base what R4 has there: properties of one element, several for a choice; undefined for the root */
function compileElement(
  node: ElementNode,
  place: ParentElement,
  base: readonly Property[] | undefined,
): ElementRule {
  const { definition } = node;
  const value = valueOf(definition);
  const types = typesOf(definition, base);
  const binding = bindingOf(definition, base);
  const count = countOf(definition, base);
  const targets = targetsOf(definition);
  return {
    id: place.id,
    ...count,
    ...(types === undefined ? {} : { types }),
    ...(value === undefined ? {} : { value }),
    ...(binding === undefined ? {} : { binding }),
    constraints: constraintsOf(definition, place.library),
    profiles: profilesOf(definition),
    ...(targets.length === 0 ? {} : { targets }),
    groups: groupsOf(node, place),
  };
}

function groupsOf(node: ElementNode, place: ParentElement): Group[] {
  const byName = new Map<string, ElementNode[]>();
  for (const [segment, child] of node.children ?? []) {
    const [name] = splitSegment(segment);
    const list = byName.get(name);
    if (list) list.push(child);
    else byName.set(name, [child]);
  }
  return [...byName].flatMap(([segment, nodes]) => {
    const group = groupOf(segment, nodes, place);
    return group === undefined ? [] : [group];
  });
}

function groupOf(
  segment: string,
  nodes: readonly ElementNode[],
  { library, model, id }: ParentElement,
): Group | undefined {
  const name = segment.endsWith('[x]') ? segment.slice(0, -3) : segment;
  const base = model && propertiesOf(model, name);
  const inner = (slice?: string): ParentElement => ({
    library,
    model: modelOf(library.models, base),
    id: `${id}.${segment}${slice === undefined ? '' : `:${slice}`}`,
  });
  const whole = nodes.find((node) => splitSegment(node.segment)[1] === undefined);
  const slices = nodes.filter((node) => node !== whole);
  const each = whole
    ? compileElement(whole, inner(), base)
    : { id: `${id}.${segment}`, constraints: [], profiles: new Map(), groups: [] };
  const slicing = slicingOf(whole, slices, {
    library,
    compile: (node) => compileElement(node, inner(splitSegment(node.segment)[1]), base),
  });
  if (slicing === undefined && saysNothing(each)) return undefined;
  return { name, each, ...(slicing === undefined ? {} : { slicing }) };
}

/** The type of an element's children, where that is certain. */
function modelOf(models: TypeModels, base: readonly Property[] | undefined): TypeModel | undefined {
  const [only, ...others] = base ?? [];
  return only === undefined || others.length > 0 ? undefined : models.get(only.type);
}

interface Slicer {
  readonly library: Library;
  readonly compile: (slice: ElementNode) => ElementRule;
}

function slicingOf(
  origin: ElementNode | undefined,
  nodes: readonly ElementNode[],
  slicer: Slicer,
): Slicing | undefined {
  const slicing = origin?.definition.slicing;
  const prefix = origin === undefined ? undefined : splitSegment(origin.segment)[1];
  const direct = nodes.filter((node) => parentSlice(node) === prefix);
  if (direct.length === 0 && slicing?.rules !== 'closed') return undefined;
  const slices = direct.map((node) => {
    const inner = slicingOf(node, nodes, slicer);
    return {
      name: splitSegment(node.segment)[1] ?? '',
      rule: slicer.compile(node),
      discriminators: discriminatorsOf(slicing, node, slicer.library.find),
      ...(inner === undefined ? {} : { slicing: inner }),
    };
  });
  return { rules: slicing?.rules ?? 'open', ordered: slicing?.ordered === true, slices };
}

function parentSlice(node: ElementNode): string | undefined {
  const slice = splitSegment(node.segment)[1] ?? '';
  const slash = slice.lastIndexOf('/');
  return slash < 0 ? undefined : slice.slice(0, slash);
}

function saysNothing(rule: ElementRule): boolean {
  return (
    rule.groups.length === 0 &&
    rule.constraints.length === 0 &&
    rule.profiles.size === 0 &&
    [rule.min, rule.max, rule.types, rule.value, rule.binding, rule.targets].every(
      (part) => part === undefined,
    )
  );
}

function countOf(
  { min, max, sliceName }: ElementDefinition,
  base: readonly Property[] | undefined,
): Pick<ElementRule, 'min' | 'max'> {
  const element = base?.[0]?.element;
  const most = max === undefined || max === '*' ? undefined : Number(max);
  const known = element?.max === undefined ? 1 : element.max === '*' ? Infinity : element.max;
  return {
    ...(min !== undefined && min > (sliceName === undefined ? (element?.min ?? 0) : 0)
      ? { min }
      : {}),
    ...(most !== undefined && most < known ? { max: most } : {}),
  };
}

/** Given only where R4 leaves a choice: among types, or among resources. */
function typesOf(
  definition: ElementDefinition,
  base: readonly Property[] | undefined,
): ReadonlySet<string> | undefined {
  const names = typeNames(definition);
  const open = base === undefined ? [] : base.filter(({ kind }) => kind === 'resource');
  if (names.length === 0 || base === undefined) return undefined;
  if (open.length > 0) {
    return names.some((name) => name === 'Resource' || name === 'DomainResource')
      ? undefined
      : new Set(names);
  }
  const all = new Set(base.map(({ type }) => type));
  return base.length > 1 && names.length < all.size ? new Set(names) : undefined;
}

function bindingOf(
  { binding }: ElementDefinition,
  base: readonly Property[] | undefined,
): ElementRule['binding'] {
  if (binding?.valueSet === undefined) return undefined;
  const { strength, valueSet } = binding;
  if (strength !== 'required' && strength !== 'extensible') return undefined;
  if (base?.[0]?.element.binding === valueSet.split('|')[0]) return undefined;
  return { strength, valueSet };
}

function constraintsOf(definition: ElementDefinition, { known }: Library): Constraint[] {
  return (definition.constraint ?? []).flatMap(({ key, severity, human, expression }) => {
    if (expression === undefined || key === 'ele-1' || known.has(key)) return [];
    const warning = severity === 'warning' ? { warning: true as const } : {};
    return [{ key, human, expression, ...warning }];
  });
}

function profilesOf(definition: ElementDefinition): ReadonlyMap<string, readonly string[]> {
  return new Map(
    (definition.type ?? []).flatMap(({ code, profile }) =>
      profile === undefined || profile.length === 0 ? [] : [[code, profile]],
    ),
  );
}

/** Empty where any target will do. */
function targetsOf(definition: ElementDefinition): readonly string[] {
  const targets = (definition.type ?? []).flatMap(({ targetProfile }) => targetProfile ?? []);
  return targets.includes(`${CORE}Resource`) ? [] : targets;
}
