/** A SMART App Launch scope that bounds what a client may ask: `system/Observation.rs`, `patient/*.read`. */
export interface Scope {
  readonly context: 'patient' | 'user' | 'system';
  /** Resource type or `*`. */
  readonly type: string;
  /** Subset of `cruds`. */
  readonly permissions: ReadonlySet<Permission>;
  /** v2 query restriction (`category=laboratory`), kept verbatim; empty when there is none. */
  readonly query: string;
}

/** create; read, vread and instance history; update and patch; delete; search and type or system history. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';
