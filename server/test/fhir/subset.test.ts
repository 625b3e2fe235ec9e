import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { r4 } from '../support/r4.ts';
import type { Shape } from '../../src/fhir/subset.ts';

const TAG =
  '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}';
const given = `{ "resourceType" : "Observation", "id":"o",
  "meta": {"versionId":"1", "tag":[{"code":"mine"}]},
  "text": {"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a\\u00e9</div>"},
  "modifierExtension":[{"url":"http://x","valueBoolean":true}],
  "status" : "final", "_status": {"id":"s"}, "code":{"text":"c"},
  "note":[{"text":"n"}], "valueQuantity" : { "value" : 1.00, "unit":"g" }, "bodySite":{"text":"arm"} }`;

const subset = (body: string, shape: Shape, type = 'Observation'): string =>
  Buffer.from(r4.subset(type, Buffer.from(body), shape)).toString('utf8');
const members = (text: string): readonly string[] => Object.keys(JSON.parse(text) as object);
const summary = (mode: 'true' | 'text' | 'data'): Shape => ({ kind: 'summary', mode });
const elements = (...names: string[]): Shape => ({ kind: 'elements', names });

describe('the wanted part of a resource', () => {
  const kept = ['resourceType', 'id', 'meta', 'modifierExtension', 'status', '_status', 'code'];

  it('holds what is mandatory, can change the meaning, or is asked for', () => {
    for (const [shape, more] of [
      [elements('bodySite'), ['bodySite']],
      [elements('value'), ['valueQuantity']],
      [elements('note', 'text'), ['text', 'note']],
      [summary('text'), ['text']],
      [summary('true'), ['valueQuantity']],
      [summary('data'), ['note', 'valueQuantity', 'bodySite']],
    ] as const) {
      const found = members(subset(given, shape));
      assert.deepEqual([...found].sort(), [...kept, ...more].sort(), JSON.stringify(shape));
    }
  });

  it('stands there exactly as in the whole', () => {
    const found = subset(given, elements('value'));
    assert.ok(found.includes('"valueQuantity" : { "value" : 1.00, "unit":"g" }'));
    assert.ok(found.includes('"status" : "final"'));
    assert.ok(subset(given, summary('text')).includes('a\\u00e9</div>'));
  });

  it('is tagged as incomplete, beside the tags it has', () => {
    assert.ok(subset(given, summary('true')).includes(`"tag":[${TAG},{"code":"mine"}]`));
    for (const [meta, expected] of [
      ['"meta":{},', `"meta":{"tag":[${TAG}]}`],
      ['"meta":{"versionId":"1"},', `"meta":{"tag":[${TAG}],"versionId":"1"}`],
      ['"meta":{"tag":[ ]},', `"meta":{"tag":[${TAG} ]}`],
      ['', `"meta":{"tag":[${TAG}]}`],
    ] as const) {
      const body = `{"resourceType":"Patient","id":"p",${meta}"birthDate":"1970-01-01"}`;
      const found = subset(body, elements('birthDate'), 'Patient');
      assert.ok(found.includes(expected), found);
      assert.equal((JSON.parse(found) as { birthDate: string }).birthDate, '1970-01-01');
    }
  });

  it('is valid where the whole is', () => {
    const whole = JSON.parse(given) as object;
    assert.deepEqual(r4.validate(whole), []);
    for (const shape of [summary('true'), summary('text'), summary('data'), elements('note')]) {
      assert.deepEqual(r4.validate(JSON.parse(subset(given, shape)) as object), []);
    }
  });
});
