/**
 * State key of a custodian's record of disclosures: the last group's. Those before are in the blocks. It is one key, so
 * that it is there, and under the custodian's policy, before anybody writes it.
 */
export const disclosureKey = (custodian: string): string => `disclosure/${custodian}`;
