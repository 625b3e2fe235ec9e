import type { CompartmentDefinition } from './source.ts';

/**
 * By type of compartment: resource type → reference parameters that put a resource into it. R4 writes `{def}` for the
 * resource whose compartment it is, which here is the parameter `_id`.
 */
export function distilCompartments(
  definitions: readonly CompartmentDefinition[],
): Record<string, Record<string, readonly string[]>> {
  return Object.fromEntries(
    definitions.map(({ code, resource }) => [
      code,
      Object.fromEntries(
        resource.flatMap(({ code: type, param }) =>
          param ? [[type, param.map((name) => (name === '{def}' ? '_id' : name))] as const] : [],
        ),
      ),
    ]),
  );
}
