import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { Decided } from '../../src/access/decided.ts';
import { AccessTrail } from '../../src/audit/access-trail.ts';
import type { Principal } from '../../src/auth/principal.ts';
import { Authority } from '../../src/consent/authority.ts';
import { ConsentReplica } from '../../src/consent/consent-replica.ts';
import { DisclosureGroups } from '../../src/consent/disclosure-groups.ts';
import { ledgersOf } from '../../src/ledger/contracts/ledgers.ts';
import { Serving } from '../../src/ledger/serving.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { Subjects } from '../../src/provenance/subjects.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { FaultyChannel, type Fault } from '../support/faulty-channel.ts';
import { embedded, inFolder } from '../support/ledger-samples.ts';

const ehr: Principal = {
  ...{ client: 'ehr', subject: 'ehr', role: 'system', msp: 'HospitalMSP' },
  ...{ organization: 'Organization/hospital', scopes: [], purposes: ['TREAT'], expires: 0 },
};
const change = { action: 'correct', className: 'Observation' } as const;
const sight = { action: 'access', className: 'Observation' } as const;
const about = { interaction: 'update', question: change };

interface World {
  readonly decided: Decided;
  readonly channel: FaultyChannel;
  /** Interaction, action and path of each entry of a patient's log. */
  readonly logOf: (patient: string) => Promise<readonly string[]>;
}

/** The authority over a real store and a ledger that can be spoiled. */
async function inWorld(faults: readonly Fault[], test: (world: World) => Promise<void>) {
  await inFolder(async (folder) => {
    const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
    const sound = await embedded(folder);
    const custodian = { msp: sound.msp, reference: 'Organization/hospital' };
    const policy = { implicit: 'basic-normal', organization: custodian.reference } as const;
    await ledgersOf(sound).consent.setPolicy({ ...policy, version: 1 });
    const channel = new FaultyChannel(sound, faults);
    const subjects = new Subjects(store, randomBytes);
    const authority = new Authority({
      groups: new DisclosureGroups({
        ledger: ledgersOf(channel),
        reload: () => Promise.resolve(undefined),
        limits: { conflictRetries: 0 },
      }),
      replica: new ConsentReplica(store.records, custodian),
      subjects,
      trail: new AccessTrail(store, {
        ...{ msp: sound.msp, newId: randomUUID, random: randomBytes },
        recorded: () => undefined,
      }),
      ...{ custodian, clock: () => Date.now(), random: randomBytes },
      serving: new Serving(),
    });
    const logOf = async (patient: string): Promise<readonly string[]> => {
      const leaves = await store.leaves.accesses(await subjects.of(patient));
      return leaves.map(({ content = new Uint8Array() }) => {
        const { interaction, request, resources, tx } = JSON.parse(
          Buffer.from(content).toString('utf8'),
        ) as { interaction: string; request: { action: string }; resources: string[]; tx?: string };
        assert.ok(tx !== undefined);
        return [interaction, request.action, ...resources].join(' ');
      });
    };
    await test({ decided: new Decided({ authority }, ehr), channel, logOf });
    await store.close();
  });
}

describe('what was decided for a request', () => {
  it('is asked in one transaction, and not asked again', async () => {
    await inWorld([], async ({ decided, channel, logOf }) => {
      const made = { path: 'Observation/x/_history/2', patients: ['a'] };
      await decided.recorded(async () => {
        for (let i = 0; i < 2; i += 1) {
          await decided.ask([
            { ...about, patients: ['a', 'b'] },
            { ...about, question: sight, patients: ['a'] },
          ]);
          assert.equal(channel.submitted.length, 1);
        }
        assert.equal(decided.known(['a', 'b'], about).size, 2);
        decided.makes(about, made);
      });
      assert.deepEqual(await logOf('a'), [`update correct ${made.path}`]);
      assert.deepEqual(await logOf('b'), ['update correct']);
    });
  });

  it('is on record when it comes to nothing, sight included', async () => {
    await inWorld([], async ({ decided, logOf }) => {
      const request = decided.recorded(async () => {
        await decided.ask([
          { ...about, patients: ['a'] },
          { ...about, question: sight, patients: ['a'] },
        ]);
        decided.makes(about, { path: 'Observation/x/_history/2', patients: ['a'] });
        throw new Error('refused');
      });
      await assert.rejects(request, /refused/);
      assert.deepEqual([...(await logOf('a'))].sort(), ['update access', 'update correct']);
    });
  });

  for (const fault of ['failPrepare', 'failSubmit', 'conflict'] as const) {
    it(`is nothing when the ledger cannot decide: ${fault}`, async () => {
      await inWorld([fault], async ({ decided, logOf }) => {
        let isDone = false;
        const request = decided.recorded(async () => {
          await decided.ask([{ ...about, patients: ['a'] }]);
          isDone = true;
        });
        await assert.rejects(request, LedgerError);
        assert.ok(!isDone);
        assert.equal(decided.known(['a'], about).size, 0);
        assert.deepEqual(await logOf('a'), []);
      });
    });
  }
});
