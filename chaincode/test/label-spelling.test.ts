import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { labelCovers } from '../src/decide/security-label.ts';
import type { Code } from '../src/consent/consent-set.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const upToNormal: Code = { system: CONFIDENTIALITY, code: 'N' };
const permitted = (...labels: Code[]): boolean => labelCovers(upToNormal, labels, 'permit');

const spellings = (name: string, oid: string): string[] => {
  const today = `http://terminology.hl7.org/CodeSystem/v3-${name}`;
  return [
    today,
    today.replace('http:', 'https:'),
    today.toUpperCase(),
    `${today}/`,
    `${today} `,
    ` ${today}`,
    `${today}|2018-08-12`,
    `http://hl7.org/fhir/v3/${name}`,
    `HTTP://HL7.org/fhir/V3/${name}/`,
    `http://www.hl7.org/fhir/v3/${name}`,
    `urn:oid:${oid}`,
    `URN:OID:${oid}`,
    oid,
  ];
};

describe('the system of a label', () => {
  it('means the same in every spelling, for confidentiality', () => {
    for (const system of spellings('Confidentiality', '2.16.840.1.113883.5.25')) {
      assert.equal(permitted({ system, code: 'R' }), false, system);
      assert.equal(permitted({ system, code: 'r' }), false, system);
      assert.equal(permitted({ system, code: 'N' }), true, `control: ${system}`);
      assert.equal(permitted({ system, code: 'L' }), true, `control: ${system}`);
      const rule = { system, code: 'R' };
      const restricted = [{ system: CONFIDENTIALITY, code: 'R' }];
      assert.equal(labelCovers(rule, restricted, 'deny'), true, system);
      assert.equal(labelCovers(rule, restricted, 'permit'), true, system);
      assert.equal(labelCovers(rule, [upToNormal], 'deny'), false, `control: ${system}`);
    }
  });

  it('means the same in every spelling, for sensitivity', () => {
    for (const system of spellings('ActCode', '2.16.840.1.113883.5.4')) {
      for (const effect of ['permit', 'deny'] as const) {
        const rule = { system: ACT_CODE, code: 'ETH' };
        const told = `${effect} ${system}`;
        assert.equal(labelCovers(rule, [{ system, code: 'ETH' }], effect), true, told);
        assert.equal(labelCovers(rule, [{ system, code: 'OPIOIDUD' }], effect), true, told);
        assert.equal(labelCovers({ ...rule, system }, [rule], effect), true, told);
        assert.equal(labelCovers(rule, [{ system, code: 'HIV' }], effect), false, told);
      }
      const rule = { system: ACT_CODE, code: 'ETH' };
      assert.equal(labelCovers(rule, [{ system, code: 'eth' }], 'deny'), true, system);
      assert.equal(labelCovers(rule, [{ system, code: 'eth' }], 'permit'), false, system);
    }
  });

  it('raises the level where nobody knows it and the code is R or V, and lowers it never', () => {
    for (const system of ['http://elsewhere.example/confidentiality', 'urn:oid:1.2.3']) {
      assert.equal(permitted({ system, code: 'R' }), false, system);
      assert.equal(permitted({ system, code: 'V' }), false, system);
      assert.equal(permitted({ system, code: 'N' }), true, 'control');
      assert.equal(permitted({ system, code: 'VIP' }), true, 'control');
      assert.equal(permitted({ system, code: 'U' }, { system: CONFIDENTIALITY, code: 'R' }), false);
      const low = { system: CONFIDENTIALITY, code: 'L' };
      assert.equal(labelCovers(low, [{ system, code: 'L' }], 'permit'), false);
    }
    assert.equal(
      permitted({ system: ACT_CODE, code: 'V' }),
      true,
      'control: a system that is known',
    );
  });

  it('of others is the same for a deny however it is spelled, and for a permit as it is', () => {
    const rule = { system: 'http://hospital.example/labels', code: 'staff' };
    for (const system of ['https://hospital.example/labels/', 'HTTP://Hospital.example/labels']) {
      assert.equal(labelCovers(rule, [{ system, code: 'staff' }], 'deny'), true, system);
      assert.equal(labelCovers(rule, [{ system, code: 'staff' }], 'permit'), false, system);
    }
    assert.equal(labelCovers(rule, [rule], 'permit'), true, 'control');
    const other = { system: 'http://other.example/labels', code: 'staff' };
    assert.equal(labelCovers(rule, [other], 'deny'), false, 'control');
  });
});
