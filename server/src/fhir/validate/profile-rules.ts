import { checkClaims } from '../profile/check-claims.ts';
import { checkDefinition } from '../profile/check-definition.ts';
import { checkExtension } from '../profile/check-extension.ts';
import { rootItem } from '../profile/item.ts';
import type { Profiles } from '../profile/profiles.ts';
import type { Json } from '../rule.ts';
import type { Judging } from './element-rules.ts';
import type { Position } from './position.ts';

interface Found {
  readonly value: Json;
  readonly path: string;
  readonly at: Position;
}

/**
 * The profiles that a resource claims to meet; of a profile, whether it makes sense itself.
 *
 * @param sound the resource has the form of its type: what a profile says can be read
 */
export function checkProfiles(
  profiles: Profiles | undefined,
  { thorough, resolve, put }: Judging,
  { value, path, at, sound }: Found & { readonly sound: boolean },
): void {
  if (profiles === undefined) return;
  const standing = { around: at.around, resolve, report: put };
  const item = rootItem(value, path);
  checkClaims(profiles, item, standing);
  if (thorough && sound && item.type === 'StructureDefinition') {
    checkDefinition(item, profiles.structure, standing);
  }
}

/** Checks an extension against its definition, where that is known, and whether it may stand here. */
export function checkKnownExtension(
  profiles: Profiles | undefined,
  { thorough, resolve, put }: Judging,
  { value, path, at }: Found,
): void {
  if (profiles === undefined) return;
  const item = { type: 'Extension', isResource: false, value, twin: undefined, path };
  const standing = { around: at.around, resolve, report: put, thorough };
  checkExtension(profiles, item, { place: at.place, standing });
}
