/** A value that an expression selects. */
export interface Element {
  /** FHIR type, e.g. `CodeableConcept`. */
  readonly type: string;
  /** Path of the element's definition, e.g. `Patient.gender` or `Address.use`. */
  readonly definition: string;
  /** Where parts of a composite are evaluated from. */
  readonly base: string;
  readonly value: unknown;
  /** Of a code whose system is told by an element around it. */
  readonly system?: string;
}
