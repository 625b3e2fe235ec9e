import type { Constraint, ElementDefinition, TypeDefinition } from '../../src/fhir/definitions.ts';
import type { SourceElement, SourceType, StructureDefinition } from './source.ts';
import { isCode, widestSet } from './value-sets.ts';

const PREFIX = 'http://hl7.org/fhir/StructureDefinition/';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** Invariants published with R4 that say something else than the text of R4 does; corrected in later versions. */
const ERRATA: Readonly<Record<string, string>> = {
  // The value set has `noshow`; the published expression says `no-show`.
  'app-4':
    "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')",
  // True only of an entry that has a fullUrl, which is optional.
  'bdl-8': "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
  // The text says "more than one", the published expression more than two.
  'que-12': 'enableWhen.count() > 1 implies enableBehavior.exists()',
  // The published expression asks for FHIRPath's own Boolean, which an element never is.
  'que-7': "operator = 'exists' implies (answer is boolean)",
  // A prediction without probability is allowed.
  'ras-2':
    'probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))',
  'tim-9':
    "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
};

/** Value sets that codes are taken from. */
interface BoundSets {
  readonly listed: { readonly has: (url: string) => boolean };
  /** With the code system that they are the whole of. */
  readonly open: ReadonlyMap<string, string | undefined>;
}

/** All R4 types, abstract `Resource` and `DomainResource` included, keyed by name. */
export function distilTypes(
  structures: readonly StructureDefinition[],
  valueSets: BoundSets,
): Map<string, TypeDefinition> {
  const types = new Map<string, TypeDefinition>();
  for (const structure of structures) {
    if (structure.derivation === 'constraint' || structure.kind === 'logical') continue;
    if (structure.url !== PREFIX + structure.type) continue;
    for (const [name, type] of distilOne(structure, valueSets)) types.set(name, type);
  }
  return new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function distilOne(
  structure: StructureDefinition,
  valueSets: BoundSets,
): Map<string, TypeDefinition> {
  const found = new Map<string, { root: SourceElement; elements: ElementDefinition[] }>();
  for (const element of structure.snapshot.element) {
    if (element.path === structure.type || hasChildren(structure, element)) {
      found.set(element.path, { root: element, elements: [] });
    }
    const dot = element.path.lastIndexOf('.');
    if (dot < 0) continue;
    found
      .get(element.path.slice(0, dot))
      ?.elements.push(distilElement(structure, element, valueSets));
  }
  const types = new Map<string, TypeDefinition>();
  for (const [path, { root, elements }] of found) {
    const isRoot = path === structure.type;
    const constraints = isRoot ? constraintsOf(root) : [];
    types.set(path, {
      kind: isRoot ? kindOf(structure) : 'complex',
      ...(isRoot && structure.baseDefinition
        ? { base: structure.baseDefinition.slice(PREFIX.length) }
        : {}),
      elements,
      ...(constraints.length > 0 ? { constraints } : {}),
    });
  }
  return types;
}

function kindOf(structure: StructureDefinition): TypeDefinition['kind'] {
  if (structure.kind === 'resource') return 'resource';
  return structure.kind === 'primitive-type' ? 'primitive' : 'complex';
}

function hasChildren(structure: StructureDefinition, element: SourceElement): boolean {
  return structure.snapshot.element.some((other) => other.path.startsWith(`${element.path}.`));
}

function distilElement(
  structure: StructureDefinition,
  element: SourceElement,
  valueSets: BoundSets,
): ElementDefinition {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = last.endsWith('[x]');
  const targets = targetsOf(element);
  const constraints = constraintsOf(element);
  return {
    name: choice ? last.slice(0, -3) : last,
    min: element.min,
    ...(element.max === '1' ? {} : { max: element.max === '*' ? '*' : Number(element.max) }),
    ...(choice ? { choice } : {}),
    types: typesOf(structure, element),
    ...(targets.length > 0 ? { targets } : {}),
    ...boundTo(element, valueSets),
    ...(constraints.length > 0 ? { constraints } : {}),
    ...(element.isSummary === true ? { summary: true } : {}),
    ...(element.isModifier === true ? { modifier: true } : {}),
  };
}

function boundTo(
  element: SourceElement,
  { listed, open }: BoundSets,
): Pick<ElementDefinition, 'binding' | 'usual' | 'system'> {
  const { strength, valueSet = '' } = element.binding ?? {};
  const url = valueSet.split('|')[0] ?? '';
  const tellsSystem = isCode(element) && strength !== 'example';
  const system = tellsSystem ? (open.get(url) ?? open.get(widestSet(element) ?? '')) : undefined;
  if (system !== undefined) return { system };
  if (!listed.has(url)) return {};
  if (strength === 'required') return { binding: url };
  return tellsSystem ? { usual: url } : {};
}

function typesOf(structure: StructureDefinition, element: SourceElement): string[] {
  if (element.contentReference) return [element.contentReference.slice(1)];
  if (hasChildren(structure, element)) return [element.path];
  // The logical id of a resource is published as a plain string, although its rule is that of `id`.
  if (structure.kind === 'resource' && element.path === `${structure.type}.id`) return ['id'];
  return [...new Set((element.type ?? []).map(typeName))];
}

/** Values of primitives and ids are published as FHIRPath system types that carry the FHIR type in an extension. */
function typeName(type: SourceType): string {
  if (!type.code.startsWith('http://hl7.org/fhirpath/')) return type.code;
  return type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ?? 'string';
}

function targetsOf(element: SourceElement): string[] {
  const references = (element.type ?? []).filter((type) => type.code === 'Reference');
  const targets = references.flatMap((type) => type.targetProfile ?? []);
  if (targets.some((url) => url === `${PREFIX}Resource` || !url.startsWith(PREFIX))) return [];
  return targets.map((url) => url.slice(PREFIX.length));
}

function constraintsOf(element: SourceElement): Constraint[] {
  return (element.constraint ?? [])
    .filter(({ key }) => key !== 'ele-1')
    .map(({ key, severity, human, expression }) => ({
      key,
      human,
      expression: ERRATA[key] ?? expression ?? 'true',
      ...(severity === 'error' ? {} : { warning: true as const }),
    }));
}
