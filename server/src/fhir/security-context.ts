import { parseReference } from './reference.ts';

/** What stands for a Binary where access is decided, if that is kept here: http://hl7.org/fhir/R4/binary.html */
export function securityContext(
  resource: object,
  base: string,
): { readonly type: string; readonly id: string } | undefined {
  const { resourceType, securityContext: context } = resource as {
    readonly resourceType?: string;
    readonly securityContext?: { readonly reference?: string };
  };
  if (resourceType !== 'Binary') return undefined;
  const parsed = parseReference(context?.reference ?? '', base);
  return parsed?.kind === 'local' ? parsed : undefined;
}
