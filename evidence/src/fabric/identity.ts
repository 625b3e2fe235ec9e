import { X509Certificate } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { FabricTrustAnchors } from '../trust-anchors.ts';
import { decode } from './protobuf.ts';

const IDENTITY = { msp: [1, 'text'], certificate: [2, 'bytes'] } as const;

/** A member of an organisation whose certificate its authority issued. */
export interface Member {
  readonly msp: string;
  readonly certificate: X509Certificate;
  /** Organisational units of the subject; Fabric's roles (`peer`, `client`, `orderer`, `admin`) are among them. */
  readonly units: readonly string[];
}

/**
 * Reads a serialised identity and checks that a certificate authority of its organisation issued it.
 * It does not judge whether the certificate was valid or revoked at the time: nothing in a block tells the time.
 *
 * @throws Refusal
 */
export function memberOf(serialised: Uint8Array, anchors: FabricTrustAnchors): Member {
  const { msp, certificate: pem } = decode(serialised, IDENTITY);
  const organisation = anchors.organisations.find((each) => each.msp === msp);
  if (organisation === undefined) throw new Refusal('a signer belongs to no trusted organisation');
  const certificate = readCertificate(pem);
  const issued = organisation.rootCertificates.some((root) => {
    const authority = readCertificate(root);
    return (
      authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
    );
  });
  if (!issued || certificate.ca) {
    throw new Refusal(`a certificate was not issued to a member of ${msp} by its authority`);
  }
  return { msp, certificate, units: units(certificate.subject) };
}

export function readCertificate(pem: Uint8Array | string): X509Certificate {
  try {
    return new X509Certificate(typeof pem === 'string' ? pem : Buffer.from(pem));
  } catch {
    throw new Refusal('a certificate cannot be read');
  }
}

/** Node prints a subject line by line, joins the parts of one name by " + ", and escapes both in values. */
function units(subject: string): string[] {
  return subject
    .split(/\n| \+ /)
    .filter((attribute) => attribute.startsWith('OU='))
    .map((attribute) => attribute.slice('OU='.length));
}
