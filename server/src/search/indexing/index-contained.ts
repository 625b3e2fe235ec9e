import { LED_BY } from '../led-by.ts';
import { leadingTo, outermost } from './index-inside.ts';
import { entriesOf } from './index-values.ts';
import { list, object, text } from './json.ts';
import type { ContainedIndex } from '../query.ts';
import type { Registry } from '../registry.ts';

/**
 * Returns what the resources that a resource contains are found by, each by itself (R4 search.html#contained): by the
 * parameters that R4 defines for their types. Those added at run time, and words of texts, are not indexed.
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
  const whole = outermost(resource, contained, baseUrl);
  const { budget } = whole;
  const leads = leadingTo(registry.builtIn(text(object(resource)['resourceType']) ?? ''), whole);
  return contained.flatMap((each, place): ContainedIndex[] => {
    const type = text(object(each)['resourceType']);
    if (type === undefined) return [];
    const container = { ...outermost(object(each), contained, baseUrl), budget };
    const id = text(object(each)['id']) ?? '';
    const by = [...(leads.get(id) ?? [])].map(
      (code) => ({ kind: 'token', param: LED_BY, system: null, code }) as const,
    );
    const index = [...entriesOf(container, (of) => registry.builtIn(of)), ...by];
    return [{ type, id, place, index }];
  });
}
