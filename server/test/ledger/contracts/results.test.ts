import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { consentHead, overarchingPolicy } from '@chartseal/chaincode/consent';
import { discloseResult } from '@chartseal/chaincode/disclosure';
import { appendResult, logState } from '@chartseal/chaincode/log';
import type { Shape } from '@chartseal/evidence/shape';
import { callOf, evaluate, prepare } from '../../../src/ledger/contracts/call.ts';
import { LedgerError } from '../../../src/ledger/errors.ts';

const HASH = 'ab'.repeat(32);
const DECIDED = { outcome: 'permit', epoch: 1, commitment: HASH };
const DISCLOSED = { at: '2026-01-02T03:04:05.678Z', policyVersion: 1, decisions: [DECIDED] };

type Row = readonly [name: string, shape: Shape<unknown>, good: object, bad: readonly unknown[]];

const TABLE: readonly Row[] = [
  [
    'AppendResult',
    appendResult,
    { size: 3, root: HASH },
    [
      { size: '3', root: HASH },
      { size: 1.5, root: HASH },
      { size: 3, root: HASH.slice(1) },
      { size: 3 },
    ],
  ],
  [
    'LogState',
    logState,
    { size: 1, root: HASH, frontier: [HASH] },
    [
      { size: -1, root: HASH, frontier: [HASH] },
      { size: 1, root: HASH, frontier: HASH },
      { size: 1, root: HASH, frontier: [1] },
    ],
  ],
  [
    'ConsentHead',
    consentHead,
    { epoch: 1, commitment: HASH },
    [
      { epoch: 1, commitment: HASH, extra: 1 },
      { epoch: null, commitment: HASH },
    ],
  ],
  [
    'OverarchingPolicy',
    overarchingPolicy,
    { version: 1, implicit: 'deny', organization: 'Organization/x' },
    [
      { version: 1, implicit: 'allow', organization: 'Organization/x' },
      { version: 1, implicit: 'deny', organization: 7 },
    ],
  ],
  [
    'DiscloseResult',
    discloseResult(1),
    DISCLOSED,
    [
      { ...DISCLOSED, at: '2026-01-02' },
      { ...DISCLOSED, decisions: [] },
      { ...DISCLOSED, decisions: [DECIDED, DECIDED] },
      { ...DISCLOSED, decisions: [{ outcome: 'permit', epoch: 1 }] },
      { ...DISCLOSED, decisions: [{ ...DECIDED, outcome: 'stale' }] },
      { ...DISCLOSED, decisions: [{ ...DECIDED, outcome: 'perhaps' }] },
    ],
  ],
];

const HOSTILE: readonly unknown[] = [null, true, 0, '', [], {}, 'x', [{}]];

describe('results of the chaincode', () => {
  for (const [name, shape, good, bad] of TABLE) {
    it(`are read as ${name} and nothing else`, async () => {
      assert.deepEqual(await prepared(bytes(good), shape), good);
      for (const value of [...bad, ...HOSTILE]) {
        await assert.rejects(prepared(bytes(value), shape), unreadable, JSON.stringify(value));
      }
      await assert.rejects(prepared(Buffer.from('{'), shape), unreadable);
      await assert.rejects(prepared(Buffer.alloc(0), shape), unreadable);
    });
  }

  it('may be null for an absent value where the state is asked', async () => {
    assert.equal(await evaluated('null'), undefined);
    await assert.rejects(evaluated('0'), unreadable);
  });
});

const CALL = callOf('log', 'head', []);

/** The result as an endorsement brings it. */
async function prepared(result: Uint8Array, shape: Shape<unknown>): Promise<unknown> {
  const transaction = { txId: 'tx', bytes: new Uint8Array(), result };
  return (await prepare({ prepare: () => Promise.resolve(transaction) }, CALL, shape)).result;
}

function evaluated(result: string): Promise<unknown> {
  const channel = { evaluate: () => Promise.resolve(Buffer.from(result)) };
  return evaluate(channel, CALL, overarchingPolicy);
}

function bytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function unreadable(error: unknown): boolean {
  return error instanceof LedgerError && error.contractCode === 'unreadable-result';
}
