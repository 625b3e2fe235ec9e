import type { Definitions } from '../definitions.ts';
import { checkProfile } from './check-profile.ts';
import { isObject, itemsOf } from './item.ts';
import type { Item } from './item.ts';
import type { Context, ElementRule, Profile } from './profile-model.ts';
import type { Profiles } from './profiles.ts';
import type { Standing } from './scene.ts';

/** Says what an extension stands in. */
export interface Place {
  /** `Patient.name`; of a resource its type. */
  readonly element: string;
  /** `HumanName`, `Patient.contact`, `date`. */
  readonly type: string;
  /** When it stands in an extension: that one's URL. */
  readonly url?: string;
}

/**
 * Checks an extension by its definition, when that is known, and whether it may stand where it does. An extension
 * inside of another with a relative URL is defined by the outer one.
 *
 * @rule extension
 */
export function checkExtension(
  profiles: Profiles,
  item: Item,
  {
    place,
    standing,
  }: { readonly place: Place; readonly standing: Standing & { readonly thorough: boolean } },
): void {
  const url = isObject(item.value) ? item.value['url'] : undefined;
  if (typeof url !== 'string' || !url.includes(':')) return;
  const profile = profiles.find(url);
  if (profile?.type !== 'Extension') return;
  checkProfile(profiles, item, profile, standing);
  if (!standing.thorough) return;
  const fault = (path: string, diagnostics: string): void =>
    standing.report({
      severity: 'error',
      code: 'structure',
      diagnostics: `${path}: ${diagnostics}`,
      expression: [path],
    });
  for (const inner of itemsOf(profiles.models, item, 'extension')) {
    const name = isObject(inner.value) ? inner.value['url'] : undefined;
    if (typeof name === 'string' && !name.includes(':') && !hasPart(profile, name)) {
      fault(inner.path, `The extension ${url} has no part ${name}`);
    }
  }
  if (profile.contexts.length === 0 || OF_DEFINITIONS.test(url)) return;
  if (profile.contexts.some((context) => allows(profiles.definitions, context, place))) return;
  fault(item.path, `The extension ${url} may not stand in ${place.element}`);
}

/** R4's own definitions have these where they may not stand. */
const OF_DEFINITIONS =
  /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/(?:structuredefinition-|regex$)/;

function hasPart({ root }: Profile, name: string): boolean {
  const slices = root.groups.find((group) => group.name === 'extension')?.slicing?.slices ?? [];
  return slices.some((slice) => slice.name === name || isNamed(slice.rule, name));
}

function isNamed(rule: ElementRule, url: string): boolean {
  return rule.groups.some((group) => group.name === 'url' && group.each.value?.value === url);
}

function allows(definitions: Definitions, { type, expression }: Context, place: Place): boolean {
  if (type === 'extension') return place.url === expression;
  // Conditions on what stands around are left to people; so are elements of profiles.
  if (type === 'fhirpath' || /[:#]/.test(expression)) return true;
  if (expression === 'Element') return true;
  const name = expression.replace('[x]', '');
  return name === place.element || kindsOf(definitions, place.type).includes(name);
}

/** A type and what it specialises. */
function kindsOf({ types }: Definitions, type: string): readonly string[] {
  const kinds = [type];
  if (type.includes('.')) kinds.push('BackboneElement', 'Element');
  for (let next = types.get(type)?.base; next !== undefined; next = types.get(next)?.base) {
    kinds.push(next);
  }
  return kinds;
}
