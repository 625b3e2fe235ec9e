import { createHash } from 'node:crypto';
import type { LeafKind } from '@chartseal/evidence';
import type { IndexEntry } from '../../src/search/query.ts';
import type { AccessWrite, LeafWrite } from '../../src/store/leaf-queue.ts';
import type { WriteSet } from '../../src/store/store.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';

/** A version of an Observation unless told otherwise. */
export function aVersion(given: Partial<VersionWrite> & { readonly id: string }): VersionWrite {
  const version = given.version ?? 1;
  const type = given.type ?? 'Observation';
  return {
    type,
    version,
    deleted: false,
    lastUpdated: 1_700_000_000_000 + version,
    method: version === 1 ? 'POST' : 'PUT',
    body: Buffer.from(JSON.stringify({ resourceType: type, id: given.id, version })),
    patients: [],
    leaf: `${type}/${given.id}/${version}`,
    index: [],
    ...given,
  };
}

export function aLeaf(
  id: string,
  given: Partial<LeafWrite> & { readonly kind?: LeafKind } = {},
): LeafWrite {
  const bytes = Buffer.from(`leaf ${id}`);
  return {
    id,
    kind: 'version',
    bytes,
    hash: createHash('sha256').update(bytes).digest(),
    salt: createHash('sha256').update(`salt ${id}`).digest(),
    ...given,
  };
}

/** An access whose bytes say its place, and which its hash says of the one before: `id seq`. */
export function anAccess(id: string, subject: string, kind: LeafKind = 'disclosure'): AccessWrite {
  const { salt } = aLeaf(id);
  return {
    ...{ id, kind, subject, salt },
    following: (last) => {
      const seq = last === undefined ? 0 : last.seq + 1;
      const after = last === undefined ? '' : ` after ${Buffer.from(last.hash).toString().trim()}`;
      return {
        bytes: Buffer.from(`${seq}${after}`),
        hash: Buffer.from(`${id} ${seq}`.padEnd(32)),
      };
    },
  };
}

/** A version with its leaf, as every writer writes it. */
export function aWrite(given: Partial<VersionWrite> & { readonly id: string }): WriteSet {
  const version = aVersion(given);
  return { versions: [version], leaves: [aLeaf(version.leaf)] };
}

export function token(param: string, system: string | null, code: string): IndexEntry {
  return { kind: 'token', param, system, code };
}

/** About 1 KB of body, 15 index entries: what a laboratory result brings. */
export function anObservation(given: {
  readonly id: string;
  readonly patient: string;
  readonly code: string;
  readonly at: number;
}): WriteSet {
  const { id, patient, code, at } = given;
  const loinc = 'http://loinc.org';
  const category = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const index: IndexEntry[] = [
    { kind: 'reference', param: 'patient', target: `Patient/${patient}` },
    { kind: 'reference', param: 'subject', target: `Patient/${patient}` },
    { kind: 'reference', param: 'performer', target: 'Organization/laboratory' },
    { kind: 'reference', param: 'encounter', target: `Encounter/${patient}-1` },
    token('code', loinc, code),
    token('combo-code', loinc, code),
    token('category', category, 'laboratory'),
    token('status', 'http://hl7.org/fhir/observation-status', 'final'),
    token('identifier', 'urn:oid:1.2.3.4.5', `accession-${id}`),
    token('_security', 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', 'N'),
    { kind: 'date', param: 'date', from: at, to: at + 1000 },
    {
      kind: 'quantity',
      param: 'value-quantity',
      low: 6.25,
      high: 6.35,
      system: 'http://unitsofmeasure.org',
      code: 'mmol/L',
    },
    {
      kind: 'quantity',
      param: 'combo-value-quantity',
      low: 6.25,
      high: 6.35,
      system: 'http://unitsofmeasure.org',
      code: 'mmol/L',
    },
    {
      kind: 'uri',
      param: '_profile',
      value: 'http://hl7.org/fhir/StructureDefinition/Observation',
    },
    { kind: 'string', param: 'code-text', value: 'Glucose', folded: 'glucose' },
  ];
  const body = Buffer.from(
    JSON.stringify({ resourceType: 'Observation', id, code, at, text: 'x'.repeat(900) }),
  );
  return aWrite({ id, lastUpdated: at, body, index, patients: [patient] });
}
