import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { Corpus } from '../../../oracle/corpus.ts';
import { pathOf, Ways } from '../../../oracle/includes.ts';
import { wideFault } from './wide-fault.ts';
import type { Page, Walk } from './wide-production.ts';
import type { WideQuestion } from './wide-question.ts';

const patient = (id: string, more: object = {}) => ({
  type: 'Patient',
  id,
  resource: { resourceType: 'Patient', id, ...more },
});
const a = patient('a', { link: [{ other: { reference: 'Patient/c' }, type: 'seealso' }] });
const b = patient('b');
const c = patient('c');
const held = [a, b, c];
const judgement = {
  expected: { must: [a, b], may: new Set<string>() },
  ways: new Ways(new Corpus(held)),
  resources: new Map(held.map((one) => [pathOf(one), one])),
  question: {
    types: ['Patient'],
    typeInPath: true,
    criteria: [],
    sort: [],
    count: 1,
    includes: [{ direction: 'to', source: 'Patient', param: 'link', iterate: false }],
    total: 'accurate',
    countOnly: false,
    post: false,
  } satisfies WideQuestion,
};

const one: Page = {
  matches: ['Patient/a'],
  includes: ['Patient/c'],
  odd: [],
  total: 2,
  links: {},
};
const two: Page = { ...one, matches: ['Patient/b'], includes: [] };
const right: Walk = {
  forwards: [one, two],
  backwards: [two, one],
  before: [one],
  first: one,
  again: one,
};

describe('the judge of pages', () => {
  it('finds nothing wrong with what is right', () => {
    assert.equal(wideFault(right, judgement), undefined);
  });

  const none: Page = { ...one, matches: [], includes: [] };
  const wrong: readonly (readonly [string, Partial<Walk>, RegExp])[] = [
    ['a match is missing', { forwards: [one] }, /^lacks 1 \(Patient\/b\)/],
    [
      'there is another match',
      { forwards: [one, two, { ...two, matches: ['Patient/c'] }] },
      /^has/,
    ],
    ['the order is wrong', { forwards: [two, one] }, /^order/],
    ['a match comes twice', { forwards: [one, one] }, /^twice/],
    ['the total is wrong', { forwards: [{ ...one, total: 3 }, two] }, /^total: 3 of 2/],
    ['no total is told', { forwards: [{ ...one, total: undefined }, two] }, /^total/],
    ['nothing goes along', { forwards: [{ ...one, includes: [] }, two] }, /^include lacks/],
    ['too much goes along', { before: [{ ...one, includes: ['Patient/c', 'Patient/b'] }] }, /^inc/],
    [
      'a match goes along',
      { first: { ...one, includes: ['Patient/c', 'Patient/a'] } },
      /^twice on/,
    ],
    ['an entry is odd', { again: { ...one, odd: ['Patient/a'] } }, /^odd/],
    ['the way back lacks a page', { backwards: [two] }, /^links: the way back/],
    ['a page before is another', { before: [two] }, /^links: before page 1/],
    ['the first page is another', { first: two }, /^links: the first/],
    ['no link leads to the first page', { first: undefined }, /^links: none/],
    ['the self link shows something else', { again: none }, /^links: what the page says/],
  ];
  for (const [what, part, fault] of wrong) {
    it(`finds that ${what}`, () => {
      assert.match(wideFault({ ...right, ...part }, judgement) ?? '', fault);
    });
  }
});
