import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import { WaitingLine, type InLine } from '../../src/consent/waiting-line.ts';
import { accessRequest, item, newSubject } from '../support/ledger-samples.ts';

const BOUNDS = { groupSize: 4, groupBytes: 1000 };

/** A question of a caller; with consents of so many codes. */
function waiting(
  client: string,
  codes = 0,
  subject = newSubject(),
): InLine & { abandoned: boolean } {
  const { actor } = accessRequest();
  return {
    item: {
      ...item(subject, codes === 0 ? undefined : opened(codes)),
      request: accessRequest({ actor: { ...actor, client } }),
    },
    abandoned: false,
  };
}

function opened(codes: number): OpenedConsentSet {
  const provision = {
    type: 'deny' as const,
    codes: Array.from({ length: codes }, (_, i) => ({ code: `code-${i}` })),
    exceptions: [],
  };
  const consent = { id: 'Consent/one', version: 1, status: 'active' as const, provision };
  return { salt: '00'.repeat(32), set: { consents: [consent] } };
}

const clients = (group: readonly InLine[]): readonly string[] =>
  group.map(({ item: { request } }) => request.actor.client);

describe('a line of those who wait', () => {
  it('gives each caller a turn, whatever another has asked', () => {
    const line = new WaitingLine();
    line.push([...Array(10).keys()].map(() => waiting('busy')));
    line.push([waiting('late'), waiting('later')]);
    assert.deepEqual(clients(line.take(BOUNDS)), ['busy', 'late', 'later', 'busy']);
    assert.deepEqual(clients(line.take(BOUNDS)), ['busy', 'busy', 'busy', 'busy']);
    assert.equal(line.length, 4);
  });

  it('opens no more consents in a group than it may, and one item always goes', () => {
    const line = new WaitingLine();
    line.push([waiting('patient', 200), waiting('patient', 200), waiting('other', 10)]);
    assert.deepEqual(clients(line.take(BOUNDS)), ['patient']);
    assert.deepEqual(clients(line.take(BOUNDS)), ['other']);
    assert.deepEqual(clients(line.take(BOUNDS)), ['patient']);
    assert.deepEqual(line.take(BOUNDS), []);
  });

  it('counts the consents of one patient once', () => {
    const subject = newSubject();
    const line = new WaitingLine();
    line.push([1, 2, 3].map((n) => waiting(`client-${n}`, 20, subject)));
    assert.equal(line.take({ groupSize: 4, groupBytes: 600 }).length, 3);
  });

  it('forgets those who were abandoned', () => {
    const line = new WaitingLine<ReturnType<typeof waiting>>();
    const [gone, here] = [waiting('a'), waiting('b')];
    line.push([gone, here]);
    gone.abandoned = true;
    line.sweep();
    assert.equal(line.length, 1);
    assert.deepEqual(line.take(BOUNDS), [here]);
  });

  it('gives out everything once, in the order of each caller, within the bounds', () => {
    const some = fc.record({ client: fc.constantFrom('a', 'b', 'c'), codes: fc.nat({ max: 60 }) });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (asked) => {
        const line = new WaitingLine();
        const all = asked.map(({ client, codes }) => waiting(client, codes));
        line.push(all);
        const given: InLine[] = [];
        while (line.length > 0) {
          const group = line.take(BOUNDS);
          const bytes = group.map(({ item: { opened: set } }) =>
            set === undefined ? 0 : JSON.stringify(set.set).length,
          );
          const sum = bytes.reduce((total, each) => total + each, 0);
          assert.ok(group.length >= 1 && group.length <= BOUNDS.groupSize);
          assert.ok(sum <= BOUNDS.groupBytes || group.length === 1);
          given.push(...group);
        }
        assert.equal(new Set(given).size, all.length);
        for (const client of ['a', 'b', 'c']) {
          const of = (each: InLine) => each.item.request.actor.client === client;
          assert.deepEqual(given.filter(of), all.filter(of));
        }
      }),
    );
  });
});
