import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import {
  encodeBundle,
  MerkleReader,
  verifyEvidence,
  type EvidenceBundle,
  type OpenedAuthor,
  type TrustAnchors,
} from '@chartseal/evidence';
import type { Channel } from '../../src/ledger/channel.ts';
import { ledgersOf } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { EvidenceMaker } from '../../src/provenance/evidence.ts';
import { Sequencer } from '../../src/provenance/sequencer.ts';
import { versionLeaf } from '../../src/provenance/version-leaf.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoredVersion } from '../../src/store/version-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { inFolder } from '../support/ledger-samples.ts';
import { aVersion } from '../support/store-samples.ts';

function text(id: string): string {
  return `{"resourceType":"Observation","id":"${id}","meta":{"versionId":"1"},"valueQuantity":{"value":1.00}}`;
}

/** Evidence made from a real store and this channel verifies, and stops verifying with any change. The log must be empty. */
export function describeEvidence(name: string, open: () => Promise<Channel>): void {
  describe(`evidence: ${name}`, () => {
    it('verifies offline for every version, and names the claim that a change breaks', () =>
      inFolder(async (folder) => {
        const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
        const channel = await open();
        try {
          const ledger = ledgersOf(channel);
          const log = new MerkleReader((from, to) => store.leaves.leafHashes(from, to));
          const sequencer = new Sequencer({
            queue: store.leaves,
            ledger,
            log,
            now: () => performance.now(),
          });
          const maker = new EvidenceMaker({ queue: store.leaves, channel, log });
          const versions = await Promise.all(
            Array.from({ length: 11 }, (_, i) => write(store, channel.msp, `obs-${i}`)),
          );
          assert.equal(await ledger.log.head(), undefined, 'this needs a log without leaves');
          const [first] = versions;
          assert.ok(first);
          await assert.rejects(maker.bundle(first), LedgerError);
          sequencer.start();
          for (const { leaf } of versions) await sequencer.anchored(leaf, 10_000);
          const late = await write(store, channel.msp, 'late');
          sequencer.wake();
          await sequencer.anchored(late.leaf, 10_000);
          await sequencer.stop();
          const trust = await channel.trust();
          for (const version of [...versions, late]) {
            const bundle = await maker.bundle(version);
            assert.deepEqual(failed(bundle, trust), []);
            assert.equal(
              Buffer.from(bundle.resource.content, 'base64').toString(),
              text(version.id),
            );
            assert.equal(bundle.author?.written.request, version.id);
          }
          const { inclusion, append } = await maker.inclusion(late.leaf);
          assert.equal(inclusion.index, 11);
          assert.equal(append.ledger, channel.kind);
          assertTampering(await maker.bundle(first), trust);
          const { author } = await maker.bundle(late);
          assert.ok(author);
          assert.deepEqual(failed({ ...(await maker.bundle(first)), author }, trust), ['author']);
        } finally {
          await channel.close();
          await store.close();
        }
      }));
  });
}

function assertTampering(bundle: EvidenceBundle, trust: TrustAnchors): void {
  const content = Buffer.from(text('obs-0').replace('1.00', '1.0')).toString('base64');
  assert.deepEqual(failed({ ...bundle, resource: { ...bundle.resource, content } }, trust), [
    'content',
  ]);
  const inclusion = { ...bundle.inclusion, index: bundle.inclusion.index + 1 };
  assert.ok(failed({ ...bundle, inclusion }, trust).includes('inclusion'));
  const hashes = bundle.inclusion.hashes.map(() => 'ab'.repeat(32));
  assert.ok(
    failed({ ...bundle, inclusion: { ...bundle.inclusion, hashes } }, trust).includes('inclusion'),
  );
  assert.deepEqual(failed({ ...bundle, trust: '00'.repeat(32) }, trust), ['anchors']);
}

function anAuthor(msp: string, request: string): OpenedAuthor {
  const written: OpenedAuthor['written'] = {
    v: 1,
    role: 'system',
    ...{ subject: 'ehr', client: 'ehr', organization: 'Organization/hospital', msp },
    purposes: ['TREAT'],
    request,
  };
  return { written, salt: randomBytes(32).toString('hex') };
}

function failed(bundle: EvidenceBundle, trust: TrustAnchors): readonly string[] {
  const { claims } = verifyEvidence(encodeBundle(bundle), trust);
  return claims.filter(({ verdict }) => verdict === 'fail').map(({ claim }) => claim);
}

async function write(store: Store, log: string, id: string): Promise<StoredVersion> {
  const body = Buffer.from(text(id));
  const leaf = versionLeaf(
    { type: 'Observation', id, version: 1, body, previous: undefined },
    {
      ...{ id: `leaf-${id}`, log, salt: randomBytes(32), at: '2026-01-02T03:04:05.678Z' },
      author: anAuthor(log, id),
    },
  );
  const version = aVersion({ id, body, leaf: leaf.id });
  await store.write({ versions: [version], leaves: [leaf] });
  return version;
}
