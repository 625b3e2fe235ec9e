import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Provision } from '../src/consent/consent-set.ts';
import { ContractError } from '../src/transaction/errors.ts';
import type { Invocation } from '../src/memory-stub.ts';
import { ask, consent, DOCTOR, setOf } from './support/requests.ts';
import {
  BASIC,
  discloseCall,
  HOSPITAL,
  json,
  recordCall,
  SALT,
  SUBJECT,
  TestLedger,
} from './support/ledger.ts';

const HASH = Buffer.alloc(32, 7);
const REQUEST = { subject: SUBJECT, request: ask(DOCTOR) };

/** A well-formed call of every transaction that changes or decides something. */
function goodCall(name: string): [Invocation['args'], Partial<Invocation>] {
  switch (name) {
    case 'log:append':
      return [[json({ prevSize: 0 }), HASH], {}];
    case 'consent:record':
      return recordCall(setOf(consent('a', { type: 'permit' })));
    case 'consent:setPolicy':
      return [[json(BASIC)], {}];
    default:
      return discloseCall([REQUEST]);
  }
}

const TRANSACTIONS = ['log:append', 'consent:record', 'consent:setPolicy', 'disclosure:disclose'];

async function refused(
  name: string,
  call: [Invocation['args'], Partial<Invocation>],
  code: string,
) {
  await assert.rejects(new TestLedger().endorse(name, ...call), (error) => {
    assert.ok(error instanceof ContractError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.startsWith(`${code}: `));
    return true;
  });
}

function first(name: string, text: string | Uint8Array): [Invocation['args'], Partial<Invocation>] {
  const [args, more] = goodCall(name);
  return [[text, ...args.slice(1)], more];
}

describe('every transaction', () => {
  for (const name of TRANSACTIONS) {
    it(`${name} accepts what is well formed`, async () => {
      const [args, more] = goodCall(name);
      assert.ok((await new TestLedger().endorse(name, args, more)).writes.length === 1);
    });

    it(`${name} refuses arguments that are not one strict JSON object`, async () => {
      const good = String(goodCall(name)[0][0]);
      await refused(name, first(name, ''), 'malformed-json');
      await refused(name, first(name, '[]'), 'malformed-json');
      await refused(name, first(name, `${good}x`), 'malformed-json');
      await refused(name, first(name, `\ufeff${good}`), 'malformed-json');
      await refused(name, first(name, Buffer.from([0x7b, 0xff, 0x7d])), 'malformed-json');
      await refused(name, first(name, good.replace('{', '{"__proto__":{},')), 'invalid-argument');
      await refused(name, first(name, good.replace('{', '{"more":1,')), 'invalid-argument');
      await refused(name, first(name, '{}'), 'invalid-argument');
      await refused(name, first(name, `${'{"a":'.repeat(80)}1${'}'.repeat(80)}`), 'malformed-json');
      await refused(name, first(name, good + ' '.repeat(300_000)), 'argument-too-large');
      const member = /"[a-zA-Z]+":/.exec(good)?.[0] ?? '';
      await refused(name, first(name, good.replace('{', `{${member}1,`)), 'malformed-json');
    });

    it(`${name} refuses another number of arguments`, async () => {
      const [args, more] = goodCall(name);
      await refused(name, [[], more], 'argument-count');
      await refused(name, [[...args, 'x'], more], 'argument-count');
    });

    it(`${name} serves servers only`, async () => {
      const [args, more] = goodCall(name);
      for (const attributes of [
        {},
        { 'fhir.role': 'peer' },
        { 'fhir.role': 'Server' },
        { role: 'server' },
      ]) {
        const caller = { msp: HOSPITAL.msp, attributes };
        await refused(name, [args, { ...more, caller }], 'caller-not-allowed');
      }
    });
  }

  it('is one that exists', async () => {
    for (const name of [
      'log:constructor',
      'log:createContext',
      'log:toString',
      'no:append',
      ':append',
      'toString:x',
    ]) {
      await refused(name, [['{}'], {}], 'unknown-transaction');
    }
  });
});

describe('member types', () => {
  const wrong: readonly (readonly [string, string, unknown])[] = [
    ['log:append', 'prevSize', '0'],
    ['log:append', 'prevSize', -1],
    ['log:append', 'prevSize', 0.5],
    ['log:append', 'prevSize', 2 ** 53],
    ['log:append', 'prevSize', null],
    ['consent:record', 'subject', SUBJECT.toUpperCase()],
    ['consent:record', 'subject', SUBJECT.slice(1)],
    ['consent:record', 'subject', `${SUBJECT}0`],
    ['consent:record', 'subject', `${SUBJECT}\n`],
    ['consent:record', 'epoch', 0],
    ['consent:record', 'commitment', 'zz'.repeat(32)],
    ['consent:record', 'commitment', 'ab'.repeat(31)],
    ['consent:record', 'writer', 'ab'.repeat(31)],
    ['consent:setPolicy', 'implicit', 'permit'],
    ['consent:setPolicy', 'implicit', ['deny']],
    ['consent:setPolicy', 'organization', 'hospital'],
    ['consent:setPolicy', 'organization', 'Organization/a/../b'],
    ['consent:setPolicy', 'version', 0],
    ['disclosure:disclose', 'requests', []],
    ['disclosure:disclose', 'requests', {}],
    ['disclosure:disclose', 'requests', [{ subject: SUBJECT }]],
  ];
  for (const [name, member, value] of wrong) {
    it(`${name} refuses ${member} = ${JSON.stringify(value)}`, async () => {
      const good = JSON.parse(String(goodCall(name)[0][0])) as object;
      await refused(
        name,
        first(name, JSON.stringify({ ...good, [member]: value })),
        'invalid-argument',
      );
    });
  }
});

describe('opened consents', () => {
  const nested = (levels: number): Provision =>
    levels === 0
      ? { type: 'permit', exceptions: [] }
      : { type: 'deny', exceptions: [nested(levels - 1)] };

  const bad: readonly (readonly [string, unknown])[] = [
    [
      'no exceptions member',
      [consent('a', undefined, { provision: { type: 'permit' } as Provision })],
    ],
    ['an unknown member', [{ ...consent('a'), extra: true }]],
    ['an unknown status', [{ ...consent('a'), status: 'Active' }]],
    ['a date without time', [consent('a', {}, { dateTime: '2026-01-01' })]],
    ['a date that is none', [consent('a', {}, { dateTime: '2026-02-30T00:00:00.000Z' })]],
    [
      'an absolute reference',
      [consent('a', { actors: [{ reference: 'http://x/Organization/1' }] })],
    ],
    ['a null', [{ ...consent('a'), dateTime: null }]],
    ['an unknown action', [consent('a', { actions: ['read'] })]],
    ['the same id twice', [consent('a'), consent('a')]],
    ['ids out of order', [consent('b'), consent('a')]],
    ['nine levels', [consent('a', nested(8))]],
  ];
  for (const [what, consents] of bad) {
    it(`refuses ${what}`, async () => {
      const set = { consents } as Parameters<typeof recordCall>[0];
      await refused('consent:record', recordCall(set), 'invalid-argument');
    });
  }

  it('takes eight levels', async () => {
    const set = setOf(consent('a', nested(7)));
    assert.equal(
      (await new TestLedger().endorse('consent:record', ...recordCall(set))).writes.length,
      1,
    );
  });

  it('must be there and must open the commitment', async () => {
    const [args, more] = recordCall(setOf(consent('a')));
    await refused('consent:record', [args, {}], 'missing-transient');
    const { change = '' } = more.transient ?? {};
    const other = json({ salt: SALT, set: setOf(consent('b')) });
    const swapped = { consents: other, change };
    await refused('consent:record', [args, { transient: swapped }], 'commitment-mismatch');
    const silent = { transient: { consents: more.transient?.['consents'] ?? '' } };
    await refused('consent:record', [args, silent], 'missing-transient');
    assert.equal((await new TestLedger().endorse('consent:record', args, more)).writes.length, 1);
  });
});
