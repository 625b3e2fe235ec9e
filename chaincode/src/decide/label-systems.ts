const CANONICAL = 'http://terminology.hl7.org/CodeSystem/';

/** The code systems that security labels come from, by the last part of their canonical URLs, with their OIDs. */
const OIDS: Readonly<Record<string, string>> = {
  'v3-Confidentiality': '2.16.840.1.113883.5.25',
  'v3-ActCode': '2.16.840.1.113883.5.4',
  'v3-ActReason': '2.16.840.1.113883.5.8',
  'v3-ObservationValue': '2.16.840.1.113883.5.1063',
  'v3-ActUSPrivacyLaw': '2.16.840.1.113883.5.1138',
};

export const CONFIDENTIALITY = `${CANONICAL}v3-Confidentiality`;
export const ACT_CODE = `${CANONICAL}v3-ActCode`;

/** By each folded spelling, the system that it means: today's URL, that of FHIR before R4, and the OID. */
const KNOWN = new Map(
  Object.entries(OIDS).flatMap(([name, oid]) =>
    [
      `${CANONICAL}${name}`,
      `http://hl7.org/fhir/${name.replace('v3-', 'v3/')}`,
      `http://hl7.org/implement/standards/fhir/${name.replace('v3-', 'v3/')}`,
      `urn:oid:${oid}`,
      oid,
    ].map((spelling): [string, string] => [folded(spelling), CANONICAL + name]),
  ),
);

/**
 * Returns what people mean who write a system a little differently: scheme, case, spaces, a trailing slash and a version
 * tell no two systems apart.
 */
export function folded(system: string): string {
  return system
    .trim()
    .toLowerCase()
    .replace(/\|.*$/, '')
    .replace(/^https?:\/\/(www\.)?/, '')
    .replace(/[/#\s]+$/, '');
}

/**
 * Returns the canonical URL of a system that security labels come from, however it is spelled; any other system as it is.
 *
 * @rule spelling of label systems
 */
export function canonicalSystem(system: string): string {
  return KNOWN.get(folded(system)) ?? system;
}

/** Tells whether labels of this canonical system are understood here. */
export function isKnownSystem(system: string): boolean {
  return KNOWN.get(folded(system)) === system;
}
