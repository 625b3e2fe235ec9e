import type { TypeModels } from './type-model.ts';

/** The type of an element and the type of what it is a part of: `string` in a `Reference`. */
export interface ElementType {
  readonly type: string;
  readonly owner: string;
}

/**
 * Finds out what stands at a path of JSON members and indices, through contained resources and the extensions of
 * primitives; undefined where R4 has no such element.
 */
export function typeAt(
  models: TypeModels,
  resource: object,
  path: readonly (string | number)[],
): ElementType | undefined {
  let node: unknown = resource;
  let type = 'Resource';
  let owner = '';
  for (const step of path) {
    if (typeof step === 'string') {
      if (type === 'Resource') type = typeOf(node);
      owner = type;
      const property = models.get(type)?.properties;
      type = property?.get(step)?.type ?? (twinOf(step, property) ? 'Element' : '');
      if (type === '') return undefined;
    }
    node = (node as Record<string | number, unknown> | undefined)?.[step];
  }
  return { type, owner };
}

function typeOf(node: unknown): string {
  const type = (node as { readonly resourceType?: unknown } | undefined)?.resourceType;
  return typeof type === 'string' ? type : '';
}

/** `_birthDate` carries the extensions of `birthDate`. */
function twinOf(step: string, properties: ReadonlyMap<string, unknown> | undefined): boolean {
  return step.startsWith('_') && properties?.has(step.slice(1)) === true;
}
