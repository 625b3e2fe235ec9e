import type { Code } from '../consent/consent-set.ts';
import {
  ACT_CODE,
  canonicalSystem,
  CONFIDENTIALITY,
  folded,
  isKnownSystem,
} from './label-systems.ts';

/** Lowest first: unrestricted, low, moderate, normal, restricted, very restricted. */
export const CONFIDENTIALITY_LEVELS: readonly string[] = ['U', 'L', 'M', 'N', 'R', 'V'];
const NORMAL = CONFIDENTIALITY_LEVELS.indexOf('N');
const HIGHEST = CONFIDENTIALITY_LEVELS.length - 1;

/** Parents of sensitivity codes of v3-ActCode; the substance use disorders are also kinds of ETH, as IHE PCF has it. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  BH: ['SPI'],
  MH: ['SPI'],
  PSY: ['SPI'],
  PSYTHPN: ['SPI'],
  SUD: ['SPI'],
  COGN: ['BH'],
  DVD: ['BH'],
  EMOTDIS: ['BH'],
  ETHUD: ['SUD', 'ETH'],
  OPIOIDUD: ['SUD', 'ETH'],
};

/** Returns the label with the canonical URL of its system, however that is spelled. */
export function canonicalLabel({ system, code }: Code): Code {
  return system === undefined ? { code } : { system: canonicalSystem(system), code };
}

/** Tells whether a label is one of confidentiality; a level without a system counts as one. */
export function isConfidentiality(label: Code): boolean {
  const { system, code } = canonicalLabel(label);
  return (
    system === CONFIDENTIALITY || (system === undefined && CONFIDENTIALITY_LEVELS.includes(code))
  );
}

/**
 * Returns the level that a label raises its resource to; undefined: it says nothing of one. Codes outside the scale count
 * as the highest. `R` and `V` of a system that nobody here knows are believed: docs/decisions/0062.
 */
function levelOf(label: Code): number | undefined {
  const { system, code } = canonicalLabel(label);
  const level = CONFIDENTIALITY_LEVELS.indexOf(code.trim().toUpperCase());
  if (isConfidentiality(label)) return level === -1 ? HIGHEST : level;
  const unknown = system === undefined || !isKnownSystem(system);
  return unknown && level > NORMAL ? level : undefined;
}

/** High-water mark of a resource's labels; a resource without a confidentiality label is at least normal. */
function highWaterMark(labels: readonly Code[]): number {
  const levels = labels.flatMap((label) => levelOf(label) ?? []);
  return levels.length === 0 ? NORMAL : Math.max(...levels);
}

/**
 * Tells whether a rule's label covers a resource. Confidentiality is a high-water mark: a permit for a level reaches up to
 * it, a deny reaches from it upwards. Other labels cover themselves and what is below them.
 *
 * @rule security label
 */
export function labelCovers(
  label: Code,
  labels: readonly Code[],
  effect: 'permit' | 'deny',
): boolean {
  if (isConfidentiality(label)) {
    const level = CONFIDENTIALITY_LEVELS.indexOf(label.code);
    if (level === -1) return labels.some(({ code }) => code === label.code);
    return effect === 'permit' ? highWaterMark(labels) <= level : highWaterMark(labels) >= level;
  }
  const meant = canonicalLabel(label);
  return labels.some((other) => {
    const found = canonicalLabel(other);
    if (effect === 'permit') return found.system === meant.system && isWithin(found.code, meant);
    // Somebody who spells a system in another way, or none, means to protect all the same.
    const same = found.system === undefined || folded(found.system) === folded(meant.system ?? '');
    return same && (isWithin(found.code, meant) || isWithin(found.code.toUpperCase(), meant));
  });
}

function isWithin(code: string, general: Code): boolean {
  if (code === general.code) return true;
  if (general.system !== ACT_CODE) return false;
  return (PARENTS[code] ?? []).some((parent) => isWithin(parent, general));
}
