import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { included, Ways } from '../../../oracle/includes.ts';
import { Corpus } from '../../../oracle/corpus.ts';
import { searchWideTests } from './search-wide.ts';

searchWideTests('sqlite', { questions: 120 });

describe('the oracle of what goes along', () => {
  const observation = (id: string, ...members: readonly string[]) => ({
    type: 'Observation',
    id,
    resource: {
      resourceType: 'Observation',
      id,
      subject: { reference: 'Patient/p/_history/3' },
      hasMember: members.map((member) => ({ reference: `Observation/${member}` })),
    },
  });
  const patient = { type: 'Patient', id: 'p', resource: { resourceType: 'Patient', id: 'p' } };
  const held = [
    observation('a', 'b'),
    observation('b', 'c', 'a'),
    observation('c', 'none'),
    patient,
  ];
  const ways = new Ways(new Corpus(held));
  const along = (match: number, ...asked: Parameters<typeof included>[2]) =>
    [...included(ways, held.slice(match, match + 1), asked).must].sort();

  it('follows references one step or, in circles, to the end, and never to a match', () => {
    const member = { direction: 'to', source: 'Observation', param: 'has-member' } as const;
    assert.deepEqual(along(0, { ...member, iterate: false }), ['Observation/b']);
    assert.deepEqual(along(0, { ...member, iterate: true }), ['Observation/b', 'Observation/c']);
    const back = { direction: 'from', source: 'Observation', param: 'has-member' } as const;
    assert.deepEqual(along(2, { ...back, iterate: false }), ['Observation/b']);
    assert.deepEqual(along(2, { ...back, iterate: true }), ['Observation/a', 'Observation/b']);
    const all = { direction: 'to', source: 'Observation' } as const;
    assert.deepEqual(along(2, { ...all, iterate: false }), ['Patient/p']);
    assert.deepEqual(along(2, { ...all, target: 'Observation', iterate: true }), []);
    assert.deepEqual(along(3, { direction: 'from', iterate: false }), [
      'Observation/a',
      'Observation/b',
      'Observation/c',
    ]);
  });
});
