import { parseReference } from '../reference.ts';
import { isObject, rootItem } from './item.ts';
import type { Item } from './item.ts';
import type { Profile } from './profile-model.ts';
import { tell } from './scene.ts';
import type { Scene } from './scene.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** Checks whether what a Reference points to may be there: by its type, and by its profile where the target is at hand. */
export function checkTarget(item: Item, targets: readonly string[], scene: Scene): void {
  const wrong = (text: string): void =>
    tell(scene, { severity: 'error', code: 'structure', path: item.path, text });
  const target = targetOf(item, scene);
  const type = target === undefined ? typeNamed(item) : target.type;
  if (type === undefined) return;
  const allowed = targets.filter((url) => typeOf(url, scene) === type);
  const unsure = targets.some((url) => typeOf(url, scene) === undefined);
  if (allowed.length === 0) {
    if (!unsure) wrong(`A reference to ${type} is not allowed here, only to ${targets.join(', ')}`);
    return;
  }
  if (target === undefined || unsure) return;
  const profiles = allowed.map((url) => (isBase(url) ? undefined : scene.find(url)));
  if (profiles.every((profile) => profile && !scene.meets(target, profile, scene))) {
    wrong(`The target meets none of ${allowed.join(', ')}`);
  }
}

/** The target, if it is at hand. */
export function targetOf(item: Item, { around, resolve }: Scene): Item | undefined {
  const reference = isObject(item.value) ? item.value['reference'] : undefined;
  const found = typeof reference === 'string' ? resolve(reference, around.root) : undefined;
  return found && rootItem(found, `${item.path}.resolve()`);
}

/** The type of the target as the reference itself names it. */
export function typeNamed({ value }: Item): string | undefined {
  if (!isObject(value)) return undefined;
  const { reference, type } = value;
  const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
  if (parsed?.kind === 'local' || parsed?.kind === 'conditional') return parsed.type;
  if (parsed?.kind === 'absolute' && parsed.type !== undefined) return parsed.type;
  return typeof type === 'string' && /^[A-Z][A-Za-z]*$/.test(type) ? type : undefined;
}

/** The R4 type that a profile is about; undefined when the profile is not known. */
export function typeOf(url: string, scene: Pick<Scene, 'find' | 'models'>): string | undefined {
  if (isBase(url) && scene.models.get(url.slice(CORE.length))) return url.slice(CORE.length);
  const profile: Profile | undefined = scene.find(url);
  return profile?.type;
}

function isBase(url: string): boolean {
  return /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/[A-Z][A-Za-z]*$/.test(url);
}
