/** State key of the record of one group of disclosures. Organisations are MSP ids, so keys cannot collide. */
export const disclosureKey = (custodian: string, txId: string): string =>
  `disclosure/${custodian}/${txId}`;
