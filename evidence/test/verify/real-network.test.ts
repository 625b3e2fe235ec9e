import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { decodeBlock, decodeSignatures } from '../../src/fabric/block.ts';
import { decodeStrippedBlock, stripBlock } from '../../src/fabric/orderer-signatures.ts';
import { findTransaction, writtenValue } from '../../src/fabric/transaction.ts';
import type { FabricTrustAnchors } from '../../src/trust-anchors.ts';
import { parseAnchors } from '../../src/verify/parse-anchors.ts';
import { verifyEvidence } from '../../src/verify/verify-evidence.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));
const bundle = fixture('patient.evidence');
const anchors = parseAnchors(fixture('anchors.json')) as FabricTrustAnchors;

describe('evidence of a real Fabric network', () => {
  it('is verified', () => {
    const { verified, claims } = verifyEvidence(bundle, anchors);
    assert.ok(verified, JSON.stringify(claims, null, 1));
    assert.match(claims.at(-1)!.text, /block 71 is signed by 3 of 4 orderers/);
    assert.match(claims.at(-2)!.text, /AuditorMSP .*HospitalMSP/);
  });

  it('is refused after any change of a byte', () => {
    assert.ok(verifyEvidence(bundle, anchors).verified);
    const seed = randomInt(250);
    for (let position = 0; position < bundle.length; position += 1) {
      const changed = Buffer.from(bundle);
      changed[position]! ^= 1 + ((seed + position) % 255);
      const { verified } = verifyEvidence(changed, anchors);
      assert.equal(verified, false, `byte ${position} of seed ${seed}`);
    }
  });

  it('is cut from a block as a peer delivers it', () => {
    const delivered = fixture('delivered-block.pb');
    assert.equal(decodeBlock(delivered).metadata.length, 5);
    assert.throws(() => decodeStrippedBlock(delivered));
    const stripped = stripBlock(delivered, anchors);
    const block = decodeStrippedBlock(stripped);
    assert.deepEqual(
      decodeSignatures(block).signatures.map(({ consenter }) => consenter),
      [2, 3, 4],
    );
    assert.deepEqual(stripBlock(stripped, anchors), stripped);
    const txId = 'e04b2553c977ad71f0095f2cb24492613e27a434e5014101a6d5498ba9b98025';
    const { results } = findTransaction(block, txId);
    const state = Buffer.from(writtenValue(results, 'chartseal', 'log/AuditorMSP')!);
    assert.equal((JSON.parse(state.toString('utf8')) as { size: number }).size, 3);
    assert.equal(writtenValue(results, 'chartseal', 'log/HospitalMSP'), undefined);
  });
});
