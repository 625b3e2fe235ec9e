/** A member of an object and where it stands in the text (UTF-16 units; ends are exclusive). */
export interface JsonMember {
  readonly name: string;
  readonly nameStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** A JSON object that passed the scan, with the spans that stamping needs. */
export interface ScannedJson {
  readonly text: string;
  /** Members of the root object in order. */
  readonly members: readonly JsonMember[];
  /** Members of the root's `meta` in order; absent when there is no `meta` that is an object. */
  readonly metaMembers?: readonly JsonMember[];
}

export interface JsonLimits {
  /** Says how many objects and arrays may lie inside each other, the root included. */
  readonly maxDepth: number;
}

/** An element of a root array and where it stands in the text; `members` when it is an object. */
export interface JsonElement {
  readonly start: number;
  readonly end: number;
  readonly members?: readonly JsonMember[];
}
