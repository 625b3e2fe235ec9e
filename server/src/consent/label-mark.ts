import {
  CONFIDENTIALITY,
  CONFIDENTIALITY_LEVELS,
  isConfidentiality,
  permits,
  type Code,
  type ResidualRule,
  type ResourceFacts,
} from '@chartseal/chaincode';
import type { Filter, IndexEntry } from '../search/query.ts';
import { partFacts } from './part-facts.ts';

/**
 * Lowest first.
 *
 * @rule security label
 */
export const LEVELS = CONFIDENTIALITY_LEVELS;

/** Tells whether a rule's label is a level of confidentiality, which `ofLevel` answers. */
export function isLevel(label: Code): boolean {
  return isConfidentiality(label) && LEVELS.includes(label.code);
}

/** No search parameter can have this name. Marks of another meaning have another: an older one is never believed. */
const PARAM = ':protection';
/** As system of the mark: the resource carries no labels but those of confidentiality. */
const NO_OTHERS = 'confidentiality';

/**
 * Returns what all labels of a resource come to, those of what it holds included: the highest level of confidentiality
 * and whether there are labels of another kind. An index entry of it answers surely what `_security` answers only nearly.
 */
export function labelMark(resource: object): IndexEntry {
  const parts = partFacts(resource as Readonly<Record<string, unknown>>).map(({ facts }) => facts);
  const others = parts.some(({ labels }) => !labels.every(isConfidentiality));
  const highest = Math.max(...parts.map((facts) => LEVELS.indexOf(levelOf(facts))));
  return {
    kind: 'token',
    param: PARAM,
    system: others ? null : NO_OTHERS,
    code: LEVELS[highest] ?? 'V',
  };
}

/** The level of confidentiality that all labels come to. */
export function levelOf(facts: ResourceFacts): string {
  return LEVELS.find((code) => permits([upTo(code)], facts)) ?? 'V';
}

function upTo(code: string): ResidualRule {
  return {
    effect: 'permit',
    when: { labels: [{ system: CONFIDENTIALITY, code }] },
    exceptions: [],
  };
}

/** Resources that are marked with this level. */
export function ofLevel(code: string): Filter {
  return { op: 'token', param: PARAM, code };
}

/** Resources that this server has indexed, or one like it. */
export const isMarked: Filter = { op: 'missing', param: PARAM, missing: false };

/** Resources that are marked as having no labels but those of confidentiality. */
export const noOtherLabels: Filter = { op: 'token', param: PARAM, system: NO_OTHERS };
