/** The organisation that a server belongs to. It keeps the data here, and in its consents it is the custodian. */
export interface Organisation {
  /** Its short name: `hospital`. */
  readonly name: string;
  /** Its MSP id on the channel: `HospitalMSP`. */
  readonly msp: string;
  /** The FHIR reference to it: `Organization/hospital`. */
  readonly reference: string;
}

/** By what an organisation is known to those who judge for it; its name is for people. */
export type Custodian = Pick<Organisation, 'msp' | 'reference'>;
