import { outermost } from './index-inside.ts';
import { entriesOf } from './index-values.ts';
import { list, object, text } from './json.ts';
import type { ContainedIndex } from '../query.ts';
import type { Registry } from '../registry.ts';

/**
 * What the resources that a resource contains are found by, each by itself (R4 search.html#contained): by the parameters
 * that R4 defines for their types. Those added at run time, and words of texts, are not indexed.
 * @param resource the parsed JSON object
 * @throws FhirError `too-costly` when they refer to one another too much
 */
export function containedIndex(
  resource: object,
  registry: Registry,
  { baseUrl }: { readonly baseUrl: string },
): ContainedIndex[] {
  const contained = list(object(resource)['contained']);
  if (contained.length === 0) return [];
  // One budget for all of them: each may lead to all the others.
  const { budget } = outermost(resource, contained, baseUrl);
  return contained.flatMap((each, place): ContainedIndex[] => {
    const type = text(object(each)['resourceType']);
    if (type === undefined) return [];
    const container = { ...outermost(object(each), contained, baseUrl), budget };
    const index = entriesOf(container, (of) => registry.builtIn(of));
    return [{ type, id: text(object(each)['id']) ?? '', place, index }];
  });
}
