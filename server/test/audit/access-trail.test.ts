import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { commitment, leafHash, type Leaf } from '@chartseal/evidence';
import { AccessTrail, type Access } from '../../src/audit/access-trail.ts';
import { decodeDetail } from '../../src/audit/access-detail.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { StoredLeaf } from '../../src/store/leaf-queue.ts';
import type { Store } from '../../src/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'access-trail-'));
afterAll(() => rmSync(folder, { recursive: true }));

function trailOver(
  store: Store,
  recorded: (ids: readonly string[]) => void = () => {},
): AccessTrail {
  return new AccessTrail(store, {
    msp: 'HospitalMSP',
    newId: randomUUID,
    random: randomBytes,
    recorded,
  });
}

function access(
  subject: string,
  interaction: string,
  outcome: 'permit' | 'deny' = 'permit',
): Access {
  return {
    subject,
    detail: {
      v: 1,
      at: '2026-01-01T00:00:00.000Z',
      patient: 'Patient/a',
      outcome,
      interaction,
      request: {
        actor: {
          msp: 'HospitalMSP',
          organization: 'Organization/hospital',
          role: 'practitioner',
          client: 'ehr',
        },
        self: false,
        purposes: ['TREAT'],
        action: 'access',
        class: 'Patient',
      },
      resources: [],
      more: 0,
      reason: 'policy-permit',
      basis: ['policy@1'],
    },
  };
}

const subject = (n: number): string => String(n).padStart(32, '0');
const parsed = (leaf: StoredLeaf): Leaf =>
  JSON.parse(Buffer.from(leaf.bytes).toString('utf8')) as Leaf;

function assertChain(leaves: readonly StoredLeaf[]): void {
  leaves.forEach((leaf, i) => {
    const { seq, prev, commit } = parsed(leaf);
    assert.equal(seq, i);
    assert.equal(prev, i === 0 ? undefined : Buffer.from(leaves[i - 1]!.hash).toString('hex'));
    assert.deepEqual(Buffer.from(leafHash(leaf.bytes)), Buffer.from(leaf.hash));
    assert.equal(commit, commitment(leaf.salt, leaf.content!));
  });
}

describe('the access trail', () => {
  it('chains 200 concurrent accesses of 3 patients without gap or fork, and goes on after a restart', async () => {
    const path = join(folder, 'chain.sqlite');
    let store = await openSqliteStore(path, { randomBytes });
    const told: string[] = [];
    const trail = trailOver(store, (ids) => told.push(...ids));
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => trail.record([access(subject(i % 3), `read-${i}`)])),
    );
    await store.close();

    store = await openSqliteStore(path, { randomBytes });
    await trailOver(store).record([access(subject(0), 'after', 'deny')]);
    const chains = await Promise.all([0, 1, 2].map((n) => store.leaves.accesses(subject(n))));
    assert.deepEqual(
      chains.map(({ length }) => length),
      [68, 67, 66],
    );
    chains.forEach(assertChain);
    assert.equal(chains[0]!.at(-1)!.kind, 'denial');
    assert.equal(decodeDetail(chains[0]!.at(-1)!.content!).interaction, 'after');
    assert.equal(new Set(told).size, 200);
    await store.close();
  });

  it('keeps the chain whole when the store fails in between', async () => {
    const store = await openSqliteStore(join(folder, 'fault.sqlite'), { randomBytes });
    let fail = false;
    const faulty = new Proxy(store, {
      get: (target, name) => {
        if (name === 'write' && fail) return () => Promise.reject(new Error('disk full'));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const trail = trailOver(faulty);
    await trail.record([access(subject(9), 'first')]);
    fail = true;
    await assert.rejects(trail.record([access(subject(9), 'lost')]), /disk full/);
    fail = false;
    await trail.record([access(subject(9), 'second')]);
    const leaves = await store.leaves.accesses(subject(9));
    assertChain(leaves);
    assert.deepEqual(
      leaves.map((leaf) => decodeDetail(leaf.content!).interaction),
      ['first', 'second'],
    );
    await store.close();
  });

  it('leaves no gap when an access fails while another of the same patient waits', async () => {
    const store = await openSqliteStore(join(folder, 'group.sqlite'), { randomBytes });
    const trail = trailOver(store);
    await trail.record([access(subject(8), 'first')]);
    const lost = { collection: 'c', key: 'k', value: Buffer.of(1), expected: Buffer.of(2) };
    const outcomes = await Promise.allSettled([
      trail.record([access(subject(8), 'lost')], [lost]),
      trail.record([access(subject(8), 'second'), access(subject(7), 'another')]),
      trail.record([access(subject(8), 'third')]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
    const leaves = await store.leaves.accesses(subject(8));
    assertChain(leaves);
    const recorded = leaves.map((leaf) => decodeDetail(leaf.content!).interaction);
    assert.deepEqual(recorded, ['first', 'second', 'third']);
    assertChain(await store.leaves.accesses(subject(7)));
    await store.close();
  });

  it('is one chain of each patient though two servers record at once', async () => {
    const store = await openSqliteStore(join(folder, 'two.sqlite'), { randomBytes });
    const servers = [trailOver(store), trailOver(store)];
    await Promise.all(
      servers.map(async (trail, server) => {
        for (let i = 0; i < 60; i += 1) {
          await Promise.all([
            trail.record([access(subject(i % 2), `${server}-${i}`), access(subject(2), 'both')]),
            trail.record([access(subject(0), `${server}-${i}-too`)]),
          ]);
        }
      }),
    );
    const chains = await Promise.all([0, 1, 2].map((n) => store.leaves.accesses(subject(n))));
    assert.deepEqual(
      chains.map(({ length }) => length),
      [180, 60, 120],
    );
    chains.forEach(assertChain);
    await store.close();
  });
});
