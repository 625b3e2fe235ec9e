import type { Answer } from './answer.ts';
import type { Element } from './element.ts';
import type { Json } from './official.ts';
import type { Value } from './question.ts';

const EARTH_RADIUS_KM = 6371.0088;

/** Great-circle distance; which figure of the earth is meant is the server's choice within a hundredth. */
export function nearHolds({ value }: Element, wanted: Extract<Value, { kind: 'near' }>): Answer {
  const { latitude, longitude } = value as Json;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return false;
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const across = Math.sin(radians(longitude - wanted.longitude) / 2) ** 2;
  const along = Math.sin(radians(latitude - wanted.latitude) / 2) ** 2;
  const both = along + Math.cos(radians(latitude)) * Math.cos(radians(wanted.latitude)) * across;
  const distance = 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(both)));
  if (distance < wanted.kilometres * 0.99) return true;
  return distance > wanted.kilometres * 1.01 ? false : undefined;
}
