import type { CapabilityFacts, OperationFact } from './capability.ts';
import type { R4 } from './r4.ts';

/**
 * The CapabilityStatement as JSON text, always of the search parameters that can be searched by now, and of the named
 * queries that can be asked: made when somebody asks, and again when these have changed, which is then its date.
 */
export function currentCapability(
  r4: Pick<R4, 'capability' | 'registry' | 'resourceTypes'>,
  facts: Omit<CapabilityFacts, 'date'>,
  by: {
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly queries: () => Promise<readonly OperationFact[]>;
  },
): () => Promise<string> {
  let made: { readonly of: string; readonly text: string } | undefined;
  const { registry } = r4;
  const usable = (): readonly unknown[] =>
    r4.resourceTypes.flatMap((type) => {
      const keys = registry.customKeys(type);
      const eclipsed = [...registry.eclipsed(type)];
      if (keys.length + eclipsed.length === 0) return [];
      return [[type, keys, [...registry.pending(type)], eclipsed]];
    });
  return async () => {
    const queries = await by.queries();
    const of = JSON.stringify([usable(), queries]);
    if (made?.of === of) return made.text;
    const date = new Date(by.clock()).toISOString();
    const operations = [...facts.operations, ...queries];
    made = { of, text: JSON.stringify(r4.capability({ ...facts, operations, date })) };
    return made.text;
  };
}
