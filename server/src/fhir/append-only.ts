/**
 * Holds the types whose resources are records, with what clients are told of them in refusals and in the CapabilityStatement.
 *
 * @rule AuditEvent, Provenance
 */
export const APPEND_ONLY: ReadonlyMap<string, string> = new Map(
  ['AuditEvent', 'Provenance'].map((type) => [
    type,
    `Every ${type} is a record: it is made, by POST or by PUT under an id that never was in use, and nobody changes or deletes it.`,
  ]),
);
