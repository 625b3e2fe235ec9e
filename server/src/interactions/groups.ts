/** Nothing is taken from around: time, ids and randomness are given. */
export interface Ambient {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
}

/** Holds what the operator has chosen about changes. */
export interface Settings {
  /** Says what must hold of literal references to this server: http://hl7.org/fhir/R4/http.html#integrity */
  readonly integrity: 'off' | 'write' | 'write-and-delete';
  /** Says what becomes of data whose owner cannot be established: docs/decisions/0052. */
  readonly unassigned: 'quarantine' | 'refuse';
  /** Tells whether a conditional delete may delete several resources. */
  readonly deleteMatches: 'single' | 'multiple';
}
