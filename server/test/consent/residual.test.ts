import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { permits, type ResidualCriteria, type ResidualRule } from '@chartseal/chaincode';
import { factsOf } from '../../src/consent/resource-facts.ts';
import { factsOfVersion } from '../../src/consent/version-parts.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const BASE = 'http://127.0.0.1:8080/fhir';

const upToNormal: ResidualRule = {
  effect: 'deny',
  exceptions: [
    {
      effect: 'permit',
      when: { labels: [{ system: CONFIDENTIALITY, code: 'N' }] },
      exceptions: [],
    },
  ],
};
const allBut = (when: ResidualCriteria): ResidualRule => ({
  effect: 'permit',
  exceptions: [{ effect: 'deny', when, exceptions: [] }],
});
const permitsResource = (
  rules: readonly ResidualRule[],
  of: Parameters<typeof factsOfVersion>[0],
  base?: string,
): boolean => permits(rules, factsOfVersion(of, base));
const version = (resource: object, type = 'Observation') => ({
  type,
  id: '1',
  body: Buffer.from(JSON.stringify({ resourceType: type, id: '1', ...resource })),
});
const security = (code: string) => ({ meta: { security: [{ system: CONFIDENTIALITY, code }] } });

describe('the facts of a version', () => {
  it('judges labels, of contained resources too', () => {
    const judge = (resource: object): boolean => permitsResource([upToNormal], version(resource));
    assert.equal(judge({}), true);
    assert.equal(judge(security('N')), true);
    assert.equal(judge(security('R')), false);
    assert.equal(judge({ contained: [{ resourceType: 'Patient', ...security('R') }] }), false);
  });

  it('needs every rule to permit', () => {
    const code = { system: 'http://loinc.org', code: '1' };
    const rules = [upToNormal, allBut({ codes: [code] })];
    assert.equal(permitsResource(rules, version({})), true);
    assert.equal(permitsResource(rules, version({ code: { coding: [code] } })), false);
    assert.equal(
      permitsResource(rules, version({ component: [{ code: { coding: [code] } }] })),
      false,
    );
    assert.equal(permitsResource(rules, version(security('V'))), false);
    assert.equal(permitsResource([], version(security('V'))), true);
  });

  it('judges a tombstone by what is known of it', () => {
    const gone = { type: 'Observation', id: '1', body: new Uint8Array() };
    assert.equal(permitsResource([upToNormal], gone), true);
    const itself = { data: [{ meaning: 'instance', reference: 'Observation/1' }] };
    assert.equal(permitsResource([allBut(itself)], gone), false);
  });

  it('takes a reference that leads nowhere for what a consent denies, not for what it permits', () => {
    const related = { data: [{ meaning: 'related', reference: 'Task/1' }] };
    const authored = { data: [{ meaning: 'authoredby', reference: 'Practitioner/p' }] };
    const only = (when: ResidualCriteria): ResidualRule => ({
      effect: 'deny',
      exceptions: [{ effect: 'permit', when, exceptions: [] }],
    });
    const of = (rule: ResidualRule, resource: object) => permitsResource([rule], version(resource));
    const unclear = { basedOn: [{ reference: 'Task/1/$accept?ac=x' }] };
    assert.equal(of(allBut(related), unclear), false);
    assert.equal(of(only(related), unclear), false);
    assert.equal(of(allBut(authored), unclear), true);
    assert.equal(of(allBut(authored), { performer: [{ reference: 'p' }] }), false);
    for (const reference of ['Task/2', 'http://elsewhere.test/Task/1', '#x']) {
      assert.equal(of(allBut(related), { basedOn: [{ reference }] }), true, reference);
    }
    assert.equal(of(only(related), { basedOn: [{ reference: 'Task/1' }] }), true);
  });

  it('takes any reference that cannot be told for what a consent denies', () => {
    const related = allBut({ data: [{ meaning: 'related', reference: 'Practitioner/p' }] });
    const authored = allBut({ data: [{ meaning: 'authoredby', reference: 'Practitioner/p' }] });
    const permitted = (rule: ResidualRule, reference: string): boolean =>
      permitsResource([rule], version({ performer: [{ reference }] }), BASE);
    for (const reference of [
      ...['p', 'Practitioner?_id=p', `${BASE}/Practitioner?_id=p`, `${BASE}/Practitioner/p/`],
      ...['HTTP://127.0.0.1:8080/fhir/Practitioner/p', `${BASE}/Practitioner/%70`, 'tag:x,1:p'],
      ...['urn:uuid:c757873d-ec9a-4326-a141-556f43239520', `${BASE}/Practitioner/p#x`, ''],
      ...['Practitioner/p', `${BASE}/Practitioner/p`, `${BASE}/Practitioner/p/_history/1`],
    ]) {
      assert.equal(permitted(related, reference), false, reference);
      assert.equal(permitted(authored, reference), false, reference);
    }
    // Whom a contained author stands for is not told by its id; what it refers to is found where it stands.
    assert.equal(permitted(authored, '#role'), false);
    assert.equal(permitted(related, '#role'), true);
    for (const reference of [
      'Practitioner/q',
      `${BASE}/Practitioner/q`,
      'http://x.test/fhir/P/p',
    ]) {
      assert.equal(permitted(related, reference), true, reference);
      assert.equal(permitted(authored, reference), true, reference);
    }
    const elsewhere = { subject: { reference: 'urn:uuid:1' } };
    assert.equal(permitsResource([authored], version(elsewhere), BASE), true);
  });

  it('does not believe the content about its own identity', () => {
    const forged = version({ id: '2', resourceType: 'Patient' });
    const itself = { data: [{ meaning: 'instance', reference: 'Observation/1' }] };
    assert.equal(permitsResource([allBut(itself)], forged), false);
  });
});

describe('factsOf', () => {
  it('finds the clinical time', () => {
    const date = (resource: object, type = 'Observation') =>
      factsOf({ resourceType: type, ...resource }).date;
    const day = { start: '2026-01-02T00:00:00.000Z', end: '2026-01-02T23:59:59.999Z' };
    assert.deepEqual(
      date({ effectiveDateTime: '2026-01-02', issued: '2026-05-05T00:00:00Z' }),
      day,
    );
    assert.deepEqual(date({ effectivePeriod: { start: '2026-01-02' } }), { start: day.start });
    assert.deepEqual(date({ authoredOn: '2026-01-02' }, 'MedicationRequest'), day);
    assert.deepEqual(
      date({ onsetDateTime: '2026-01-02', recordedDate: '2026-02-02' }, 'Condition'),
      day,
    );
    assert.deepEqual(
      date({ performedPeriod: { start: '2026-01-02', end: '2026-01-02' } }, 'Procedure'),
      day,
    );
    assert.equal(date({ status: 'final' }), undefined);
    assert.equal(factsOf({ resourceType: 'Patient', birthDate: '1970-01-01' }).timeless, true);
    assert.equal(factsOf({ resourceType: 'Observation' }).timeless, false);
  });

  it('finds references and authors, our own absolute ones too', () => {
    const { references, authors, reference } = factsOf(
      {
        resourceType: 'Observation',
        id: '9',
        encounter: { reference: `${BASE}/Encounter/1` },
        performer: [{ reference: 'Practitioner/doctor/_history/3' }],
        subject: { reference: '#contained' },
      },
      BASE,
    );
    assert.equal(reference, 'Observation/9');
    assert.deepEqual([...references].sort(), ['Encounter/1', 'Practitioner/doctor']);
    assert.deepEqual(authors, ['Practitioner/doctor']);
  });

  it('takes labels for labels and codes for codes', () => {
    const { labels, codes } = factsOf({
      resourceType: 'Observation',
      meta: { security: [{ system: 'urn:s', code: 'PSY' }], tag: [{ system: 'urn:t', code: 'x' }] },
      code: { coding: [{ system: 'urn:c', code: '1' }] },
    });
    assert.deepEqual(labels, [{ system: 'urn:s', code: 'PSY' }]);
    assert.deepEqual(codes, [{ system: 'urn:c', code: '1' }]);
  });
});
