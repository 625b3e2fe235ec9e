import { permits, type Code, type ResidualRule, type ResourceFacts } from '@chartseal/chaincode';
import type { Filter, IndexEntry } from '../search/query.ts';
import { factsOf } from './resource-facts.ts';

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
/**
 * Lowest first.
 *
 * @rule security label
 */
export const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V'];

/** Tells whether a rule's label is a level of confidentiality, which `ofLevel` answers. */
export function isLevel({ system = CONFIDENTIALITY, code }: Code): boolean {
  return system === CONFIDENTIALITY && LEVELS.includes(code);
}

/** Tells whether a label says how confidential a resource is. */
export function isConfidentiality(label: Code): boolean {
  return label.system === CONFIDENTIALITY || isLevel(label);
}

/** No search parameter can have this name. */
const PARAM = ':labels';
/** As system of the mark: the resource carries no labels but those of confidentiality. */
const NO_OTHERS = 'confidentiality';

/**
 * Returns what all labels of a resource come to, those of what it contains included: the level of confidentiality and
 * whether there are labels of another kind. An index entry of it answers surely what `_security` answers only nearly.
 */
export function labelMark(resource: object): IndexEntry {
  const facts = factsOf(resource as Readonly<Record<string, unknown>>);
  const others = facts.labels.some(({ system }) => system !== CONFIDENTIALITY);
  return { kind: 'token', param: PARAM, system: others ? null : NO_OTHERS, code: levelOf(facts) };
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

/** Resources that are marked as having no labels but those of confidentiality. */
export const noOtherLabels: Filter = { op: 'token', param: PARAM, system: NO_OTHERS };
