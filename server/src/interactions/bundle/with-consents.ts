import type { ConsentPlaces } from '../../consent/consent-place.ts';
import type { ConsentEdit } from '../../consent/consent-registry.ts';
import { UNPLACED } from '../../consent/unplaced.ts';
import { FhirError } from '../../fhir/errors.ts';
import { assertNotMoved, compile, consentOf } from '../change/commit-version.ts';
import type { Services } from '../services.ts';
import { atEntryOf } from './at-entry.ts';
import type { Judged, Judgement } from './judge.ts';

/** A consent change is kept whole, with all that is written in its step, until the ledger has it. */
const LARGEST = 2 * 1024 * 1024;

/**
 * The patient whose consents a transaction changes; undefined when it changes none. Consents are in force on the ledger
 * before they are stored, so nothing else in the step may still be able to fail then.
 *
 * @throws FhirError `unprocessable` for consents of several patients, or with entries that others could get in the way of
 */
export async function patientOfConsents(
  services: Services,
  { judged, write }: Judgement,
): Promise<string | undefined> {
  const consents = judged.filter(({ step, version }) => step.type === 'Consent' && version);
  const first = consents[0];
  if (first === undefined) return undefined;
  let patient: string | undefined;
  for (const { step, accepted, previous } of consents) {
    const { id } = step;
    const change = { type: 'Consent', id, ...(accepted === undefined ? {} : { accepted }) };
    const of = await atEntryOf(step.entry, () => {
      assertNotMoved(services, change, previous);
      return consentOf(services, change);
    });
    if (patient !== undefined && of !== undefined && of !== patient) {
      throw refuse(step.entry.index, 'the Consents of one transaction must concern one patient');
    }
    patient ??= of;
  }
  if (patient === undefined) return undefined;
  for (const { step, version } of judged) {
    if (version === undefined || step.type === 'Consent' || step.action === 'create') continue;
    throw refuse(
      step.entry.index,
      'together with Consents a transaction may create other resources, not change or delete them',
    );
  }
  if (write.records.some(({ expected }) => expected !== undefined)) {
    throw refuse(first.step.entry.index, 'a transaction with Consents may not have conditions');
  }
  const bytes = write.versions.reduce((sum, { body }) => sum + body.length, 0);
  if (bytes > LARGEST) {
    throw refuse(
      first.step.entry.index,
      `a transaction with Consents may have resources of ${LARGEST} bytes at most`,
    );
  }
  return patient;
}

/** The consents of a judgement as one change of the registry. */
export function consentEdit(
  services: Services,
  { judged, write }: Judgement,
  places: ConsentPlaces,
): ConsentEdit {
  const edits = judged.flatMap(({ step, accepted, version }: Judged) => {
    if (step.type !== 'Consent' || version === undefined) return [];
    // No decision of this patient, nor of anybody, hangs on one whose patient is not here.
    if (version.patients.every((patient) => patient === UNPLACED)) return [];
    const change = { id: step.id, ...(accepted === undefined ? {} : { accepted }) };
    return [{ id: `Consent/${step.id}`, compiled: compile(services, change, version.version) }];
  });
  const [first, ...also] = edits;
  if (first === undefined) throw new Error('there is a consent to change');
  const records = [...write.records, ...places.free];
  return { ...first, also, places, write: { ...write, records } };
}

function refuse(index: number, why: string): FhirError {
  const place = `Bundle.entry[${index}]`;
  return new FhirError('unprocessable', `${place}: ${why}`, { expression: place });
}
