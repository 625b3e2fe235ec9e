import type { CapabilityFacts } from './capability.ts';
import type { R4 } from './r4.ts';

/**
 * The CapabilityStatement as JSON text, always of the search parameters that can be searched by now: made when somebody
 * asks, and again when these have changed, which is then its date.
 */
export function currentCapability(
  r4: Pick<R4, 'capability' | 'registry' | 'resourceTypes'>,
  facts: Omit<CapabilityFacts, 'date'>,
  clock: () => number,
): () => string {
  let made: { readonly of: string; readonly text: string } | undefined;
  const { registry } = r4;
  const usable = (): string =>
    JSON.stringify(
      r4.resourceTypes.flatMap((type) => {
        const keys = registry.customKeys(type);
        return keys.length === 0 ? [] : [[type, keys, [...registry.pending(type)]]];
      }),
    );
  return () => {
    const of = usable();
    if (made?.of === of) return made.text;
    const date = new Date(clock()).toISOString();
    made = { of, text: JSON.stringify(r4.capability({ ...facts, date })) };
    return made.text;
  };
}
