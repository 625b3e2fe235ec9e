import {
  canonicalJson,
  type Author,
  type CanonicalValue,
  type OpenedAuthor,
} from '@chartseal/evidence';
import type { Principal } from '../auth/principal.ts';

/**
 * The caller as the author of what it writes. The patient of a launch is nobody who writes: only a patient's own token
 * names one.
 *
 * @rule author of a version
 */
export function authorOf(principal: Principal): Author {
  const { role, subject, practitioner, patient, organization, msp } = principal;
  const { client, purposes, request } = principal;
  return {
    v: 1,
    ...{ role, subject, organization, msp, client, purposes },
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(role === 'patient' && patient !== undefined ? { patient } : {}),
    ...(request === undefined ? {} : { request }),
  };
}

/** Author and salt as they are kept beside the leaf that commits to them. */
export function encodeAuthor(author: OpenedAuthor): Uint8Array {
  return Buffer.from(canonicalJson(author as unknown as CanonicalValue), 'utf8');
}

export function decodeAuthor(bytes: Uint8Array): OpenedAuthor {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as OpenedAuthor;
}
