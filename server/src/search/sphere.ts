import type { SpherePoint } from './query.ts';

/** Mean radius of the earth in metres, as IUGG gives it. */
const EARTH = 6_371_008.8;

const RADIANS = Math.PI / 180;

/** Degrees of WGS 84, taken as if the earth were a sphere: distances are right to about half a percent. */
export function spherePoint(latitude: number, longitude: number): SpherePoint {
  const north = latitude * RADIANS;
  const east = longitude * RADIANS;
  return {
    x: Math.cos(north) * Math.cos(east),
    y: Math.cos(north) * Math.sin(east),
    z: Math.sin(north),
  };
}

/**
 * The straight line between two points of the unit sphere that lie so many metres apart on the ground. It is twice the
 * root of the haversine: the same formula, exact for short distances too, and for a store it is plain arithmetic.
 */
export function chordOf(metres: number): number {
  return metres >= Math.PI * EARTH ? 2 : 2 * Math.sin(metres / EARTH / 2);
}

/** Stores compute the same terms in the same order, so that all agree to the last bit. */
export function withinChord(
  at: SpherePoint,
  from: SpherePoint & { readonly chord: number },
): boolean {
  const x = at.x - from.x;
  const y = at.y - from.y;
  const z = at.z - from.z;
  return x * x + y * y + z * z <= from.chord * from.chord;
}
