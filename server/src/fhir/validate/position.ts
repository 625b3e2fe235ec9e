import type { Place } from '../profile/check-extension.ts';
import type { Json, Surroundings } from '../rule.ts';
import type { Property } from '../type-model.ts';

/** Says where a walk through a resource stands. */
export interface Position {
  readonly around: Surroundings;
  readonly depth: number;
  /** The element whose members are walked. */
  readonly place: Place;
  /** These are id and extensions of a primitive that has a value. */
  readonly valued?: true;
}

/** Returns the position of what stands in an element of this property. */
export function inside(
  { around, depth }: Position,
  { owner, element, type }: Property,
  value: Json,
): Position {
  const { url } = type === 'Extension' ? value : {};
  const place = {
    element: `${owner}.${element.name}`,
    type,
    ...(typeof url === 'string' ? { url } : {}),
  };
  return { around, depth: depth + 1, place };
}
