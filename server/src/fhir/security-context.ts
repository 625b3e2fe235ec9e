import { parseReference } from './reference.ts';

/** A resource of this server, or what is kept elsewhere if anywhere. */
export type Context = { readonly type: string; readonly id: string } | 'elsewhere';

/**
 * Returns what stands for a Binary where access is decided; undefined where nothing does:
 * http://hl7.org/fhir/R4/binary.html
 */
export function securityContext(resource: object, base: string): Context | undefined {
  const { resourceType, securityContext: context } = resource as {
    readonly resourceType?: string;
    readonly securityContext?: { readonly reference?: string };
  };
  if (resourceType !== 'Binary' || context === undefined) return undefined;
  const parsed = parseReference(context.reference ?? '', base);
  return parsed?.kind === 'local' ? { type: parsed.type, id: parsed.id } : 'elsewhere';
}
