/** An object of parsed JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** The resources that an element stands in. */
export interface Surroundings {
  /** The resource that directly holds the element. */
  readonly resource: Json;
  /** The resource that holds `resource` when that is a contained one; else the same. */
  readonly root: Json;
}

type Kind = 'resource' | 'complex' | 'primitive';

/** Holds what there is to know of a type of FHIR to walk through its elements. */
export interface TypeModel {
  readonly kind: Kind;
  /** The type it specialises. */
  readonly base?: string;
  /** By JSON property, without the `_x` twins of primitives. */
  readonly properties: ReadonlyMap<string, Property>;
}

/** A JSON property that can carry an element. */
export interface Property {
  /** `valueQuantity` */
  readonly name: string;
  /** The element's own name, without `[x]`: `value` */
  readonly element: { readonly name: string };
  /** `Quantity`; an element with children of its own is a type named by its path: `Patient.contact`. */
  readonly type: string;
  readonly kind: Kind;
  /** The property is a JSON array. */
  readonly many: boolean;
}

/** Teaches the engine types. One of them is `Element`, whose members every primitive has, too. */
export interface TypeModels {
  /** Undefined when there is no such type. */
  readonly get: (type: string) => TypeModel | undefined;
}
