import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { ResidualRule } from '@chartseal/chaincode';
import { heldMarks, holdsNothing } from '../../src/consent/held-mark.ts';
import { labelMark } from '../../src/consent/label-mark.ts';
import { partFacts } from '../../src/consent/part-facts.ts';
import { sureFilter } from '../../src/consent/sure-filter.ts';
import { matches } from '../../src/search/matches.ts';
import type { Filter, IndexEntry } from '../../src/search/query.ts';
import { r4 } from '../support/r4.ts';

const TODAY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const EARLIER = 'http://hl7.org/fhir/v3/Confidentiality';
const upToNormal: ResidualRule = {
  effect: 'permit',
  when: { labels: [{ system: TODAY, code: 'N' }] },
  exceptions: [],
};
const labelled = (resourceType: string, system: string, code: string) => ({
  resourceType,
  id: 'x',
  meta: { security: [{ system, code }] },
});
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  id: 'b',
  entry: resources.map((resource) => ({ resource })),
});
const isFound = (filter: Filter, ...index: IndexEntry[]): boolean =>
  matches({ id: 'x', lastUpdated: 0, patients: [], index }, filter);

describe('the marks of an index', () => {
  it('say the highest level that anything in a resource has, in whatever spelling', () => {
    const sure = sureFilter(upToNormal);
    const levels: [object, string, boolean][] = [
      [labelled('Observation', EARLIER, 'R'), 'R', false],
      [labelled('Observation', EARLIER, 'L'), 'L', true],
      [{ resourceType: 'Observation', id: 'x' }, 'N', true],
      [bundle(labelled('Observation', EARLIER, 'V'), { resourceType: 'Observation' }), 'V', false],
      [bundle(labelled('Observation', TODAY, 'L'), { resourceType: 'Observation' }), 'N', true],
    ];
    for (const [resource, code, permitted] of levels) {
      const mark = labelMark(resource);
      assert.deepEqual('code' in mark && mark.code, code);
      assert.equal(isFound(sure, mark), permitted);
    }
  });

  it('of an earlier server are not believed', () => {
    const old: IndexEntry = {
      kind: 'token',
      param: ':labels',
      system: 'confidentiality',
      code: 'N',
    };
    assert.equal(isFound(sureFilter(upToNormal), old), false);
    assert.equal(isFound(holdsNothing, old), false);
    const mark = labelMark({ resourceType: 'Observation' });
    assert.equal(isFound(sureFilter(upToNormal), mark), true, 'control');
    assert.equal(isFound(holdsNothing, mark), true, 'control');
  });

  it('name the classes that a resource holds, as far as they can concern a patient', () => {
    const held = (resource: object) =>
      heldMarks(r4.registry, resource)
        .map((mark) => ('code' in mark ? mark.code : undefined))
        .sort();
    const inner = { resourceType: 'Observation', contained: [{ resourceType: 'Specimen' }] };
    const parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'a', part: [{ name: 'b', resource: inner }] }],
    };
    assert.deepEqual(held(bundle(inner, { resourceType: 'Practitioner' })), [
      'Observation',
      'Specimen',
    ]);
    assert.deepEqual(held(bundle(bundle(inner))), ['Bundle', 'Observation', 'Specimen']);
    assert.deepEqual(held(parameters), ['Observation', 'Specimen']);
    assert.deepEqual(held({ resourceType: 'Task', contained: [bundle(inner)] }), [
      'Bundle',
      'Observation',
      'Specimen',
    ]);
    const outcome = { resourceType: 'Bundle', entry: [{ response: { outcome: inner } }] };
    assert.deepEqual(held(outcome), ['Observation', 'Specimen']);
    const plain = {
      resourceType: 'MedicationRequest',
      contained: [{ resourceType: 'Medication' }],
    };
    assert.deepEqual(held(plain), []);
  });
});

describe('the facts of what a resource holds', () => {
  it('are its own in a Bundle, with the labels around it and its name', () => {
    const parts = partFacts({
      ...bundle({ resourceType: 'Observation', id: 'o', effectiveDateTime: '2020-01-01' }),
      ...{ meta: { security: [{ system: TODAY, code: 'R' }] } },
    });
    const [, carried] = parts;
    assert.equal(parts.length, 2);
    assert.deepEqual(carried?.facts.labels, [{ system: TODAY, code: 'R' }]);
    assert.deepEqual(carried.facts.within, ['Bundle/b']);
    assert.equal(carried.facts.reference, 'Observation/o');
    assert.ok(carried.facts.date);
  });

  it('are those of its container, but for a time of its own', () => {
    const container = {
      ...{ resourceType: 'Observation', id: 'o', effectiveDateTime: '2020-01-01' },
      code: { coding: [{ code: 'c' }] },
      contained: [
        { resourceType: 'Specimen', id: '1' },
        { resourceType: 'Observation', id: '2', effectiveDateTime: '2010-01-01' },
      ],
    };
    const [whole, specimen, older] = partFacts(container).map(({ facts }) => facts);
    assert.deepEqual(specimen, whole);
    assert.notDeepEqual(older?.date, whole?.date);
    assert.deepEqual({ ...older, date: undefined }, { ...whole, date: undefined });
  });
});
