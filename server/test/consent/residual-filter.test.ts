import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { permits, type Code, type ResidualRule } from '@chartseal/chaincode';
import fc from 'fast-check';
import { labelMark } from '../../src/consent/label-mark.ts';
import { isExact, residualFilter } from '../../src/consent/residual-filter.ts';
import { sureFilter } from '../../src/consent/sure-filter.ts';
import { matches } from '../../src/search/matches.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const label = fc.oneof(
  fc
    .constantFrom('U', 'L', 'M', 'N', 'R', 'V')
    .map((code): Code => ({ system: CONFIDENTIALITY, code })),
  fc.constantFrom('PSY', 'ETH', 'ETHUD').map((code): Code => ({ system: ACT, code })),
);

/** Labels as they come. */
const odd = fc.oneof(
  label,
  fc.constantFrom<Code>(
    { code: 'V' },
    { code: 'N' },
    { code: 'PSY' },
    { system: CONFIDENTIALITY, code: 'X' },
    { system: 'http://example.org', code: 'R' },
  ),
);

const { rule } = fc.letrec<{ rule: ResidualRule }>((tie) => ({
  rule: fc.record(
    {
      effect: fc.constantFrom('permit' as const, 'deny' as const),
      when: fc.record(
        {
          labels: fc.array(label, { minLength: 1, maxLength: 2 }),
          codes: fc.constant<Code[]>([{ system: 'http://loinc.org', code: '8867-4' }]),
        },
        { requiredKeys: [] },
      ),
      exceptions: fc.oneof(
        { maxDepth: 2 },
        fc.constant([]),
        fc.array(tie('rule'), { maxLength: 2 }),
      ),
    },
    { requiredKeys: ['effect', 'exceptions'] },
  ),
}));

/** As versions are indexed: the labels, and what they come to. */
function found(labels: readonly Code[], filter: Parameters<typeof matches>[1]): boolean {
  const security = labels.map(({ system, code }) => ({
    kind: 'token' as const,
    param: '_security',
    system: system ?? null,
    code,
  }));
  const mark = labelMark({ resourceType: 'Observation', meta: { security: labels } });
  return matches({ id: 'x', lastUpdated: 0, patients: [], index: [...security, mark] }, filter);
}

describe('a residual rule as a criterion of the query', () => {
  it('never hides what the rule permits', () => {
    fc.assert(
      fc.property(rule, fc.array(label, { maxLength: 3 }), fc.boolean(), (tree, labels, coded) => {
        const facts = {
          labels,
          codes: coded ? [{ system: 'http://loinc.org', code: '8867-4' }] : [],
          reference: 'Observation/x',
          references: [],
          authors: [],
        };
        if (!permits([tree], facts)) return;
        assert.ok(found(labels, residualFilter(tree)));
      }),
      { numRuns: 2000 },
    );
  });

  it('says exactly what a rule of levels says, and knows which rules are that', () => {
    const judged = { true: 0, false: 0 };
    fc.assert(
      fc.property(rule, fc.array(odd, { maxLength: 3 }), (tree, labels) => {
        fc.pre(isExact(tree));
        const facts = {
          labels,
          codes: [{ system: 'http://loinc.org', code: '8867-4' }],
          reference: 'Observation/x',
          references: [],
          authors: [],
        };
        const permitted = permits([tree], facts);
        judged[`${permitted}`] += 1;
        assert.equal(found(labels, residualFilter(tree)), permitted);
      }),
      { numRuns: 3000 },
    );
    assert.ok(judged.true > 300 && judged.false > 300, JSON.stringify(judged));
    for (const when of [
      { codes: [{ code: 'x' }] },
      { dataPeriod: {} },
      { data: [] },
      { labels: [{ system: ACT, code: 'PSY' }] },
      { labels: [{ system: CONFIDENTIALITY, code: 'X' }] },
    ]) {
      const inside: ResidualRule = { effect: 'permit', when, exceptions: [] };
      assert.equal(isExact({ effect: 'deny', exceptions: [inside] }), false, JSON.stringify(when));
    }
  });

  it('takes away what is more confidential than normal, as the overarching policy asks', () => {
    const policy: ResidualRule = {
      effect: 'deny',
      exceptions: [
        {
          effect: 'permit',
          when: { labels: [{ system: CONFIDENTIALITY, code: 'N' }] },
          exceptions: [],
        },
      ],
    };
    const of = (...codes: string[]): boolean =>
      found(
        codes.map((code) => ({ system: CONFIDENTIALITY, code })),
        residualFilter(policy),
      );
    assert.deepEqual(
      [of(), of('N'), of('L'), of('R'), of('N', 'V')],
      [true, true, true, false, false],
    );
    for (const odd of [{ code: 'V' }, { system: CONFIDENTIALITY, code: 'X' }]) {
      assert.equal(found([odd], residualFilter(policy)), false);
    }
    assert.equal(found([{ system: ACT, code: 'X' }], residualFilter(policy)), true);
  });

  it('takes away restricted data that a consent denies', () => {
    const consent: ResidualRule = {
      effect: 'permit',
      exceptions: [
        {
          effect: 'deny',
          when: { labels: [{ system: CONFIDENTIALITY, code: 'R' }] },
          exceptions: [],
        },
      ],
    };
    const of = (code: string): boolean =>
      found([{ system: CONFIDENTIALITY, code }], residualFilter(consent));
    assert.deepEqual([of('N'), of('R'), of('V')], [true, false, false]);
  });
});

describe('a residual rule as a criterion for what nobody judges afterwards', () => {
  it('never leaves what the rule refuses', () => {
    let permitted = 0;
    fc.assert(
      fc.property(rule, fc.array(odd, { maxLength: 3 }), fc.boolean(), (tree, labels, coded) => {
        const facts = {
          labels,
          codes: coded ? [{ system: 'http://loinc.org', code: '8867-4' }] : [],
          reference: 'Observation/x',
          references: [],
          authors: [],
        };
        if (!found(labels, sureFilter(tree))) return;
        permitted += 1;
        assert.ok(permits([tree], facts));
      }),
      { numRuns: 5000 },
    );
    assert.ok(permitted > 100);
  });

  it('leaves what the overarching policy permits, and nothing that carries no mark', () => {
    const policy: ResidualRule = {
      effect: 'deny',
      exceptions: [
        {
          effect: 'permit',
          when: { labels: [{ system: CONFIDENTIALITY, code: 'N' }] },
          exceptions: [],
        },
      ],
    };
    const of = (...codes: string[]): boolean =>
      found(
        codes.map((code) => ({ system: CONFIDENTIALITY, code })),
        sureFilter(policy),
      );
    assert.deepEqual(
      [of(), of('N'), of('L'), of('R'), of('N', 'V')],
      [true, true, true, false, false],
    );
    assert.equal(
      matches({ id: 'x', lastUpdated: 0, patients: [], index: [] }, sureFilter(policy)),
      false,
    );
  });
});
