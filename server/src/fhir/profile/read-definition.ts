import type { ElementDefinition } from 'fhir/r4.js';
import type { Constraint } from '../definitions.ts';
import type { Property } from '../type-model.ts';
import { typeNames } from './element-definition.ts';
import type { ElementRule } from './profile-model.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

export function countOf(
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
export function typesOf(
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

export function bindingOf(
  { binding }: ElementDefinition,
  base: readonly Property[] | undefined,
): ElementRule['binding'] {
  if (binding?.valueSet === undefined) return undefined;
  const { strength, valueSet } = binding;
  if (strength !== 'required' && strength !== 'extensible') return undefined;
  if (base?.[0]?.element.binding === valueSet.split('|')[0]) return undefined;
  return { strength, valueSet };
}

export function constraintsOf(
  definition: ElementDefinition,
  { known }: { readonly known: { readonly has: (key: string) => boolean } },
): Constraint[] {
  return (definition.constraint ?? []).flatMap(({ key, severity, human, expression }) => {
    if (expression === undefined || key === 'ele-1' || known.has(key)) return [];
    const warning = severity === 'warning' ? { warning: true as const } : {};
    return [{ key, human, expression, ...warning }];
  });
}

export function profilesOf(definition: ElementDefinition): ReadonlyMap<string, readonly string[]> {
  return new Map(
    (definition.type ?? []).flatMap(({ code, profile }) =>
      profile === undefined || profile.length === 0 ? [] : [[code, profile]],
    ),
  );
}

/** Empty where any target will do. */
export function targetsOf(definition: ElementDefinition): readonly string[] {
  const targets = (definition.type ?? []).flatMap(({ targetProfile }) => targetProfile ?? []);
  return targets.includes(`${CORE}Resource`) ? [] : targets;
}
