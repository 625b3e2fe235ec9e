import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { factsOf } from '../../src/consent/resource-facts.ts';

const DAY = '2015-06-01';
const PERIOD = { start: DAY, end: DAY };

/** Types whose time stands in an element that few others have. */
const TIMED: readonly (readonly [type: string, elements: object])[] = [
  ['QuestionnaireResponse', { authored: DAY }],
  ['DetectedIssue', { identifiedDateTime: DAY }],
  ['DetectedIssue', { identifiedPeriod: PERIOD }],
  ['Media', { createdDateTime: DAY }],
  ['Media', { createdPeriod: PERIOD }],
  ['Goal', { startDate: DAY }],
  ['DeviceUseStatement', { timingDateTime: DAY, recordedOn: '2020-01-01' }],
  ['DeviceUseStatement', { timingPeriod: PERIOD }],
  ['DeviceUseStatement', { recordedOn: DAY }],
  ['VisionPrescription', { created: '2020-01-01', dateWritten: DAY }],
  ['Specimen', { collection: { collectedDateTime: DAY }, receivedTime: '2020-01-01' }],
  ['Specimen', { collection: { collectedPeriod: PERIOD } }],
  ['Specimen', { receivedTime: DAY }],
  ['BiologicallyDerivedProduct', { collection: { collectedDateTime: DAY } }],
];

describe('the time of data that consents bound', () => {
  for (const [resourceType, elements] of TIMED) {
    it(`is that of ${resourceType}: ${Object.keys(elements).join(', ')}`, () => {
      const { date } = factsOf({ resourceType, id: 'x', ...elements });
      assert.equal(date?.start, '2015-06-01T00:00:00.000Z');
      assert.equal(date.end, '2015-06-01T23:59:59.999Z');
    });
  }

  it('is that of a Timing from its first event to its last', () => {
    const event = ['2016-01-01', '2015-06-01'];
    const { date } = factsOf({
      ...{ resourceType: 'Observation', id: 'x', issued: '2025-01-01T00:00:00Z' },
      effectiveTiming: { event },
    });
    assert.deepEqual(date, { start: '2015-06-01T00:00:00.000Z', end: '2016-01-01T23:59:59.999Z' });
  });

  for (const [resourceType, elements] of [
    ['Condition', { onsetString: 'as a child', recordedDate: DAY }],
    ['Condition', { onsetAge: { value: 7 }, recordedDate: DAY }],
    ['Immunization', { occurrenceString: 'long ago', recorded: DAY }],
    ['ServiceRequest', { occurrenceTiming: { repeat: { frequency: 1 } }, authoredOn: DAY }],
  ] as const) {
    it(`is not when it was written down: ${resourceType}, ${Object.keys(elements).join()}`, () => {
      assert.equal(factsOf({ resourceType, id: 'x', ...elements }).date, undefined);
    });
  }

  it('is none where nothing tells', () => {
    assert.equal(factsOf({ resourceType: 'MolecularSequence', id: 'x' }).date, undefined);
  });
});
