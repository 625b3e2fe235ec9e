import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LedgerError } from '../../src/ledger/errors.ts';
import {
  orNull,
  parseResult,
  readAppendResult,
  readConsentHead,
  readDiscloseResult,
  readLogState,
  readPolicy,
} from '../../src/ledger/parse-result.ts';

const HASH = 'ab'.repeat(32);
const DECIDED = { outcome: 'permit', epoch: 1, commitment: HASH };
const DISCLOSED = { at: '2026-01-02T03:04:05.678Z', policyVersion: 1, decisions: [DECIDED] };

type Row = readonly [
  name: string,
  read: (value: unknown) => unknown,
  good: object,
  bad: readonly unknown[],
];

const TABLE: readonly Row[] = [
  [
    'AppendResult',
    readAppendResult,
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
    readLogState,
    { size: 1, root: HASH, frontier: [HASH] },
    [
      { size: -1, root: HASH, frontier: [HASH] },
      { size: 1, root: HASH, frontier: HASH },
      { size: 1, root: HASH, frontier: [1] },
    ],
  ],
  [
    'ConsentHead',
    readConsentHead,
    { epoch: 1, commitment: HASH },
    [
      { epoch: 1, commitment: HASH, extra: 1 },
      { epoch: null, commitment: HASH },
    ],
  ],
  [
    'OverarchingPolicy',
    readPolicy,
    { version: 1, implicit: 'deny', organization: 'Organization/x' },
    [
      { version: 1, implicit: 'allow', organization: 'Organization/x' },
      { version: 1, implicit: 'deny', organization: 7 },
    ],
  ],
  [
    'DiscloseResult',
    readDiscloseResult(1),
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
  for (const [name, read, good, bad] of TABLE) {
    it(`reads ${name} and nothing else`, () => {
      assert.deepEqual(parseResult(bytes(good), read), good);
      for (const value of [...bad, ...HOSTILE]) {
        assert.throws(() => parseResult(bytes(value), read), unreadable, JSON.stringify(value));
      }
      assert.throws(() => parseResult(Buffer.from('{'), read), unreadable);
      assert.throws(() => parseResult(Buffer.alloc(0), read), unreadable);
    });
  }

  it('takes null for an absent value where that may be', () => {
    assert.equal(parseResult(Buffer.from('null'), orNull(readPolicy)), undefined);
    assert.throws(() => parseResult(Buffer.from('0'), orNull(readPolicy)), unreadable);
  });
});

function bytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function unreadable(error: unknown): boolean {
  return error instanceof LedgerError && error.contractCode === 'unreadable-result';
}
