/** One `_include` or `_revinclude`: https://hl7.org/fhir/R4/search.html#include */
export interface Include {
  /** `to`: what the resources found refer to; `from`: what refers to them. */
  readonly direction: 'to' | 'from';
  /** Type of the referring resource; undefined: any. */
  readonly source: string | undefined;
  /** Its reference parameter; undefined: all of them. */
  readonly param: string | undefined;
  /** Only references to this type. */
  readonly target: string | undefined;
  /** Is true when it applies to what has been included, too. */
  readonly iterate: boolean;
}

/** Which parts of the resources are wanted: https://hl7.org/fhir/R4/search.html#summary */
export type Shape =
  | { readonly kind: 'summary'; readonly mode: 'true' | 'text' | 'data' }
  /** Top-level elements of the type searched: `value` for `value[x]`, or `valueQuantity` for that one of the choice. */
  | { readonly kind: 'elements'; readonly names: readonly string[] };
