import type { Code } from '../consent/consent-set.ts';

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Lowest first: unrestricted, low, moderate, normal, restricted, very restricted. */
const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V'];
const NORMAL = LEVELS.indexOf('N');
const HIGHEST = LEVELS.length - 1;

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

/** Level of a v3-Confidentiality code; codes outside the scale count as the highest level. */
function levelOf(code: string): number {
  const level = LEVELS.indexOf(code);
  return level === -1 ? HIGHEST : level;
}

function isConfidentiality({ system, code }: Code): boolean {
  return system === CONFIDENTIALITY || (system === undefined && LEVELS.includes(code));
}

/** High-water mark of a resource's labels; a resource without a confidentiality label is normal. */
function highWaterMark(labels: readonly Code[]): number {
  const levels = labels.filter(isConfidentiality).map(({ code }) => levelOf(code));
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
    if (!LEVELS.includes(label.code)) return labels.some((other) => other.code === label.code);
    const level = highWaterMark(labels);
    return effect === 'permit' ? level <= levelOf(label.code) : level >= levelOf(label.code);
  }
  return labels.some((other) => {
    if (other.system !== label.system && (effect === 'permit' || other.system !== undefined)) {
      return false;
    }
    return isWithin(other.code, label);
  });
}

function isWithin(code: string, general: Code): boolean {
  if (code === general.code) return true;
  if (general.system !== ACT_CODE) return false;
  return (PARENTS[code] ?? []).some((parent) => isWithin(parent, general));
}
