import type { KeyObject } from 'node:crypto';

export interface Credential {
  readonly certificate: string;
  readonly key: KeyObject;
}

/** What is used of the evidence workspace's tests, which are no dependency of the server. */
interface Certificates {
  readonly makeAuthority: (commonName: string) => Credential;
  readonly issue: (authority: Credential, commonName: string) => Credential;
}

const module = new URL('../../../evidence/test/support/certificate.ts', import.meta.url).href;
const { makeAuthority, issue } = (await import(module)) as Certificates;
const authority = makeAuthority('identity.hospital');

/** End of every certificate made here (ms since the epoch). */
export const END = Date.parse('2045-01-01T00:00:00Z');

/** A key on P-256 with a certificate of its own. */
export const newCredential = (): Credential => issue(authority, 'server.hospital');

export const pemOf = ({ key }: Credential): string =>
  key.export({ type: 'pkcs8', format: 'pem' }) as string;
