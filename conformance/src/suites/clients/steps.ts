/** Lists what each client does, in this order, printing the name of each step that went as it should. */
export const STEPS = [
  // The hospital, as its system.
  'capabilities',
  'create-patient',
  'prescribe',
  'read-back',
  'update',
  'stale-update-refused',
  'search',
  'transaction',
  'pages',
  'history',
  'pharmacy-sees-nothing',
  'consent',
  // The pharmacy, as its system.
  'pharmacy-search',
  'pharmacy-read',
  'pharmacy-sees-no-more',
  'dispense',
  'dispense-search',
] as const;

/** Lists what HAPI's clients do after that: writes that depend on what is there, as those clients write them. */
export const CONDITIONS = [
  'conditional-create',
  'conditional-update',
  'read-change-update',
  'stale-change-refused',
  'bundle-builder',
  'bundle-builder-again',
] as const;

/** Says where a client finds the servers and its tokens; each client reads the same names from its environment. */
export interface ClientEnvironment {
  /** FHIR bases. */
  readonly HOSPITAL: string;
  readonly PHARMACY: string;
  /** Access tokens: the hospital's system at the hospital, the pharmacy's at the hospital and at the pharmacy. */
  readonly SYSTEM_TOKEN: string;
  readonly PHARMACIST_TOKEN: string;
  readonly DISPENSER_TOKEN: string;
}
