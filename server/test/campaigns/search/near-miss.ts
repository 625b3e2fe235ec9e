import type { Random } from './random.ts';

/** One letter other. */
export function nearMiss(found: string, random: Random): string {
  switch (random.below(3)) {
    case 0:
      return `${found}x`;
    case 1:
      return found.length > 1 ? found.slice(0, -1).trim() || `${found}y` : `${found}y`;
    default:
      return found === found.toUpperCase() ? `x${found}` : found.toUpperCase();
  }
}

/** At least its first letter or digit. */
export function beginning(found: string, random: Random): string {
  const start = found.slice(0, 1 + random.below(Math.min(found.length, 12)));
  // A surrogate must not be torn from its other half, nor a mark from its letter.
  return /[\p{L}\p{N}]/u.test(start) && start.isWellFormed() ? start : found;
}
