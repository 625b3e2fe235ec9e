import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { toldQuery } from '../../src/audit/told-query.ts';

describe('the search that the log of a patient shows', () => {
  for (const [sent, told] of [
    ['code=1234-5&date=ge2026-01-01&_count=5', 'code=1234-5&date=ge2026-01-01&_count=5'],
    ['patient=a', 'patient=a'],
    ['patient=a%2Cb%2Cc', 'patient=a,…,…'],
    ['subject=Patient%2Fa%2CPatient%2Fb', 'subject=Patient/a,…'],
    ['subject=http%3A%2F%2Fhere%2Ffhir%2FPatient%2Fa', 'subject=http://here/fhir/Patient/a'],
    ['identifier=urn%3Assn%7C123%2Curn%3Assn%7C456', 'identifier=…,…'],
    ['_id=b', '_id=…'],
    ['name=Ben+Brandt', 'name=…'],
    ['subject%3APatient.name=Ben', 'subject%3APatient.name=…'],
    ['_has%3AObservation%3Apatient%3Acode=1234-5', '_has%3AObservation%3Apatient%3Acode=…'],
    ['code%3Atext=Ben', 'code%3Atext=…'],
    ['code=Ben+Brandt', 'code=…'],
    ['_filter=name+eq+%22Ben%22', '_filter=…'],
    ['birthdate=1980-01-01', 'birthdate=…'],
    ['name=%E0%A4%A', 'name=…'],
    ['', ''],
  ] as const) {
    it(`of ${sent === '' ? 'nothing' : sent}`, () => {
      assert.equal(toldQuery(sent, 'a'), told);
    });
  }
});
