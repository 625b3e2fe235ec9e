import type { Code, ResourceFacts } from '@chartseal/chaincode';
import { objectsOf } from '../fhir/rule.ts';
import { carriedIn } from '../r4/deciding-references.ts';
import { dateOf, factsOf, labelsOf, type Json } from './resource-facts.ts';

/** A resource, or one that it holds: consent is asked about the class of each, and residual rules about its facts. */
export interface Part {
  readonly className: string;
  readonly facts: ResourceFacts;
}

/** Holds what a part has from those that it stands in. */
interface Around {
  readonly labels: readonly Code[];
  readonly within: readonly string[];
}

/**
 * Returns the resource and all that it holds, the whole first. What a Bundle or Parameters carry counts as if it were read
 * by itself, with the labels of what is around it. A contained resource is nothing by itself: it has the facts of its
 * container, and a time of its own if it has one (docs/decisions/0062-what-a-resource-is-judged-by.md).
 */
export function partFacts(resource: Json, base?: string): readonly Part[] {
  return partsIn(resource, { labels: [], within: [] }, base);
}

function partsIn(resource: Json, around: Around, base: string | undefined): readonly Part[] {
  const own = factsOf(resource, base);
  const facts = {
    ...own,
    labels: [...around.labels, ...own.labels],
    ...(around.within.length > 0 && { within: around.within }),
  };
  const inside = {
    labels: [...around.labels, ...labelsOf(resource['meta'])],
    within: [...around.within, own.reference],
  };
  return [
    { className: classOf(resource), facts },
    ...containedIn(resource)
      .flatMap(withAllIn)
      .map((each): Part => {
        const date = dateOf(each as Json);
        return { className: classOf(each), facts: date === undefined ? facts : { ...facts, date } };
      }),
    ...carriedIn(resource).flatMap((each) => partsIn(each as Json, inside, base)),
  ];
}

/** The types of what a resource holds, each once. */
export function classesHeld(resource: object): readonly string[] {
  return [...new Set(withAllIn(resource).slice(1).map(classOf))];
}

/** The resource, and what it holds at any depth. */
function withAllIn(resource: object): readonly object[] {
  return [
    resource,
    ...[...containedIn(resource), ...carriedIn(resource)].flatMap((each) => withAllIn(each)),
  ];
}

function containedIn(resource: object): readonly object[] {
  return objectsOf((resource as Json)['contained']);
}

function classOf(resource: object): string {
  return String((resource as Json)['resourceType']);
}
