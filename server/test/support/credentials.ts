import { issue, makeAuthority, type Credential } from '@chartseal/evidence/test-certificate';

const authority = makeAuthority('identity.hospital');

/** End of every certificate made here (ms since the epoch). */
export const END = Date.parse('2045-01-01T00:00:00Z');

/** A key on P-256 with a certificate of its own. */
export const newCredential = (): Credential => issue(authority, 'server.hospital');

export const pemOf = ({ key }: Credential): string =>
  key.export({ type: 'pkcs8', format: 'pem' }) as string;
