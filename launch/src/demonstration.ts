/** Says who a persona is, as `ready.json` tells it. */
export interface PersonaSummary {
  /** Says whose server it works with first. */
  readonly organisation: string;
  /** Says who it is in FHIR, `Patient/demo-a`. */
  readonly reference: string;
}

/** Says where the example's data are written. */
export interface SeedPlace {
  readonly dataDir: string;
  /** Name of the organisation whose server takes them. */
  readonly server: string;
  /** Base of its FHIR interface. */
  readonly fhir: string;
  readonly signal: AbortSignal;
}

/** Holds what a stack shows to its visitors. Whoever launches brings it: the launcher knows no person and no patient. */
export interface Demonstration {
  readonly personas: Readonly<Record<string, PersonaSummary>>;
  /** Says what each persona can try first, as a path below the hospital's FHIR base. */
  readonly firstTries: Readonly<Record<string, string>>;
  /** Makes what is missing of keys and of the directory of clients and persons. Harmless to repeat. */
  readonly prepare: (dataDir: string) => Promise<void>;
  /** Writes what is missing of the data. Returns the number of resources written; throws what the server refused. */
  readonly seed: (place: SeedPlace) => Promise<number>;
}
