/** State keys of consents. Organisations are MSP ids, subjects 32 hex digits, so keys cannot collide. */
export const consentKey = (custodian: string, subject: string): string =>
  `consent/${custodian}/${subject}`;
export const policyKey = (custodian: string): string => `policy/${custodian}`;
