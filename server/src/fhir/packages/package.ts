/** A conformance resource as parsed JSON. */
export type Conformance = Readonly<Record<string, unknown>> & {
  readonly resourceType: string;
  readonly url: string;
};

/** A conformance resource that is parsed when it is asked for, anew each time: who asks keeps what it needs. */
export interface PackageEntry {
  readonly resourceType: string;
  readonly url: string;
  readonly version: string | undefined;
  readonly read: () => Conformance;
}

export interface Package {
  /** `hl7.fhir.us.core#7.0.0`; of a folder without package.json its path. */
  readonly name: string;
  readonly entries: readonly PackageEntry[];
}
