/** One `_include` or `_revinclude`: https://hl7.org/fhir/R4/search.html#include */
export interface Include {
  /** `to`: what the resources found refer to; `from`: what refers to them. */
  readonly direction: 'to' | 'from';
  /** Type of the referring resource; undefined: any. */
  readonly source: string | undefined;
  /** Its reference parameter; undefined: all of them. */
  readonly param: string | undefined;
  /** Leaves references to this type only. */
  readonly target: string | undefined;
  /** Is true when it applies to what has been included, too. */
  readonly iterate: boolean;
}
