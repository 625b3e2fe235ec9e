/** The four organisations of the channel, in the order of their servers' ports. */
export const organisations = [
  { name: 'hospital', msp: 'HospitalMSP' },
  { name: 'pharmacy', msp: 'PharmacyMSP' },
  { name: 'insurer', msp: 'InsurerMSP' },
  { name: 'auditor', msp: 'AuditorMSP' },
] as const;

export type Organisation = (typeof organisations)[number];
