import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import * as network from '@chartseal/network';
import { ledgersOf, type Ledgers } from '../../src/ledger/contracts/ledgers.ts';
import { LedgerError } from '../../src/ledger/errors.ts';
import { readConnectionFile } from '../../src/ledger/fabric/connection-file.ts';
import { FabricChannel } from '../../src/ledger/fabric/fabric-channel.ts';
import { people, startApp, type TestApp } from '../support/app.ts';
import { forge, stolen, type Wanted } from '../support/forge.ts';
import { consentSet, item, newSubject, recordConsent } from '../support/ledger-samples.ts';
import { DisclosureGroups } from '../../src/consent/disclosure-groups.ts';

const now = network.shiftPorts(network.loadTopology(), 4800);
/** A network as it was before keys had policies of their own: any two organisations. */
const before = { ...now, chaincode: { ...now.chaincode, version: '1.0', endorsement: 2 } };
const organisation = (name: string) => {
  const found = now.organisations.find((each) => each.name === name);
  assert.ok(found);
  return found;
};

const dataDir = mkdtempSync(join(tmpdir(), 'chartseal-forgery-'));
const trustFile = join(dataDir, 'trust.json');
let hospital: Ledgers;
let insurer: FabricChannel;

const open = async (name: string): Promise<FabricChannel> => {
  const connection = await readConnectionFile(join(dataDir, name, 'connection.json'));
  return new FabricChannel({ connection, now: Date.now });
};

async function connect(): Promise<void> {
  hospital = ledgersOf(await open('hospital'));
  insurer = await open('insurer');
}

async function disconnect(): Promise<void> {
  await hospital.channel.close();
  await insurer.close();
}

/** What the insurer's server gets ordered with the keys of these peers: the validation code. */
async function ordered(wanted: Wanted, ...peers: readonly string[]): Promise<string> {
  const args = [JSON.stringify({ msp: 'InsurerMSP' })];
  const honest = await insurer.prepare({ contract: 'log', transaction: 'head', args });
  const forged = forge(honest, wanted, {
    server: stolen(dataDir, organisation('insurer'), 'server'),
    peers: peers.map((name) => stolen(dataDir, organisation(name), 'peer')),
  });
  try {
    await insurer.submit(forged);
    return 'VALID';
  } catch (error) {
    assert.ok(error instanceof LedgerError && error.phase === 'commit-invalid', String(error));
    return error.validationCode ?? 'none';
  }
}

const OPEN = { implicit: 'all-normal', organization: 'Organization/hospital' } as const;
const BASIC = { implicit: 'basic-normal', organization: 'Organization/hospital' } as const;
const OTHER_LOG = { size: 1, root: '0'.repeat(64), frontier: ['0'.repeat(64)] };
const subject = newSubject();
const forgeries = (version: number): Readonly<Record<string, Wanted>> => ({
  'its policy': { writes: { 'policy/HospitalMSP': { ...OPEN, version } } },
  'its log, from the beginning': { writes: { 'log/HospitalMSP': OTHER_LOG } },
  'a consent head': {
    writes: { [`consent/HospitalMSP/${subject}`]: { epoch: 9, commitment: '0'.repeat(64) } },
  },
  'no consent head any more': { writes: { [`consent/HospitalMSP/${subject}`]: null } },
  'its record of disclosures': { writes: { 'disclosure/HospitalMSP': { result: '0'.repeat(64) } } },
});

async function append(): Promise<void> {
  const { size } = (await hospital.log.head()) ?? { size: 0 };
  const { transaction } = await hospital.log.prepareAppend(size, [randomBytes(32)]);
  await hospital.channel.submit(transaction);
}

async function disclose(): Promise<string> {
  const groups = new DisclosureGroups({
    ledger: hospital,
    reload: () => Promise.resolve(undefined),
  });
  const [verdict] = await groups.disclose([item(newSubject())]);
  return verdict?.outcome ?? 'none';
}

beforeAll(async () => {
  await network.up({ dataDir, trustFile, topology: before });
  await connect();
}, 600_000);
afterAll(async () => {
  await disconnect();
  await network.down({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a network of before', () => {
  it('lets any two organisations rewrite a third one’s state', async () => {
    const written: Wanted = {
      writes: {
        'policy/HospitalMSP': { ...BASIC, version: 1 },
        [`consent/HospitalMSP/${subject}`]: { epoch: 3, commitment: 'ab'.repeat(32) },
      },
    };
    assert.equal(await ordered(written, 'hospital', 'pharmacy'), 'VALID');
    for (const [what, wanted] of Object.entries(forgeries(2))) {
      assert.equal(await ordered(wanted, 'pharmacy', 'insurer'), 'VALID', what);
    }
    assert.equal((await hospital.consent.policy())?.implicit, 'all-normal');
    const right: Wanted = { writes: { ...written.writes, 'log/HospitalMSP': null } };
    assert.equal(await ordered(right, 'hospital', 'pharmacy'), 'VALID', 'set right');
  });

  it('goes on with its state after the upgrade, which needs only another `up`', async () => {
    const steps: string[] = [];
    await disconnect();
    await network.up({
      ...{ dataDir, trustFile, topology: now },
      onProgress: ({ step }) => steps.push(step),
    });
    await connect();
    assert.ok(
      steps.includes('Upgrade the chaincode: definition 2, with the state of before'),
      steps.join(),
    );
    assert.deepEqual(await hospital.consent.policy(), { ...BASIC, version: 1 });
    assert.equal((await hospital.consent.head(subject))?.epoch, 3);
  });

  it('is then closed to two, and to three as soon as the custodian’s server has kept its keys', async () => {
    for (const [what, wanted] of Object.entries(forgeries(2))) {
      assert.equal(
        await ordered(wanted, 'pharmacy', 'insurer'),
        'ENDORSEMENT_POLICY_FAILURE',
        what,
      );
    }
    const harmless: Wanted = { writes: { 'policy/HospitalMSP': { ...BASIC, version: 1 } } };
    assert.equal(
      await ordered(harmless, 'pharmacy', 'insurer', 'auditor'),
      'VALID',
      'control: a key that no policy keeps',
    );
    assert.equal(await hospital.custody.keep(), 3);
    assert.equal(await hospital.custody.keepHeads([subject, newSubject()]), 1);
    assert.equal(
      await ordered(harmless, 'pharmacy', 'insurer', 'auditor'),
      'ENDORSEMENT_POLICY_FAILURE',
    );
    assert.deepEqual(await hospital.consent.policy(), { ...BASIC, version: 1 });
    assert.equal((await hospital.consent.head(subject))?.epoch, 3);
    assert.deepEqual(
      [await hospital.custody.keep(), await hospital.custody.keepHeads([subject])],
      [0, 0],
    );
  });
});

describe('a network with keys under policies', () => {
  it('takes what the custodian writes, endorsed by its own peer and one other', async () => {
    await append();
    await append();
    assert.equal(await disclose(), 'permit');
    const fresh = newSubject();
    const before = await recordConsent(hospital, fresh, consentSet('permit'));
    await recordConsent(hospital, fresh, consentSet('deny', 2), before);
    assert.equal((await hospital.consent.setPolicy({ ...BASIC, version: 2 })).version, 2);
  });

  it('takes none of it from others, however many they are', async () => {
    const head = await hospital.log.head();
    for (const [what, wanted] of Object.entries(forgeries(3))) {
      for (const peers of [
        ['pharmacy', 'insurer'],
        ['pharmacy', 'insurer', 'auditor'],
      ]) {
        const code = await ordered(wanted, ...peers);
        assert.equal(code, 'ENDORSEMENT_POLICY_FAILURE', `${what} by ${peers.join()}`);
      }
    }
    assert.deepEqual(await hospital.log.head(), head);
    assert.equal((await hospital.consent.policy())?.implicit, 'basic-normal');
    await append();
    assert.equal(await disclose(), 'permit');
  });

  it('takes a policy with the auditor alone, and lets nobody loosen the policy of a key', async () => {
    const loosened = { ...BASIC, version: 3 };
    const policy: Wanted = { writes: { 'policy/HospitalMSP': loosened } };
    assert.equal(
      await ordered(policy, 'hospital', 'pharmacy', 'insurer'),
      'ENDORSEMENT_POLICY_FAILURE',
    );
    assert.equal(await ordered(policy, 'hospital', 'auditor'), 'VALID', 'control');
    const anybody: Wanted = { writes: {}, policies: { 'log/HospitalMSP': new Uint8Array() } };
    assert.equal(
      await ordered(anybody, 'pharmacy', 'insurer', 'auditor'),
      'ENDORSEMENT_POLICY_FAILURE',
    );
    await append();
  });

  it('does not let two make what is not there yet', async () => {
    const wanted: Wanted = {
      writes: { [`consent/HospitalMSP/${newSubject()}`]: { epoch: 1, commitment: '0'.repeat(64) } },
    };
    assert.equal(await ordered(wanted, 'pharmacy', 'insurer'), 'ENDORSEMENT_POLICY_FAILURE');
  });
});

describe('a server whose state was rewritten by its own peer and another', () => {
  let served: TestApp;
  beforeAll(async () => {
    // The server below has a store of its own, which knows nothing of the leaves above.
    assert.equal(
      await ordered({ writes: { 'log/HospitalMSP': null } }, 'hospital', 'auditor'),
      'VALID',
    );
    const connection = join(dataDir, 'hospital', 'connection.json');
    served = await startApp({ CHARTSEAL_LEDGER: `fabric:${connection}` });
    assert.equal((await write()).status, 201);
    await until('its leaf is anchored', async () => ((await hospital.log.head())?.size ?? 0) > 0);
  });
  afterAll(() => served.close());

  const write = () => {
    const body = JSON.stringify({ resourceType: 'Patient', active: true });
    return served.ask(people.ehr, 'POST', 'Patient', { body });
  };
  const statuses = async () => [
    (await served.app.inject('/readyz')).statusCode,
    (await served.ask(people.ehr, 'GET', 'Patient')).status,
    (await write()).status,
  ];
  const alarmed = async (kept: string) => {
    const { body } = await served.app.inject('/metrics');
    return body.includes(`chartseal_serving_fault{kept="${kept}"} 1`);
  };

  it('serves what it put there', async () => {
    assert.deepEqual(await statuses(), [200, 200, 201]);
    assert.deepEqual([await alarmed('policy'), await alarmed('log')], [false, false]);
  });

  it('tells at once of others who try to write what is its own, and serves on', async () => {
    const told = async () => {
      const { body } = await served.app.inject('/metrics');
      return Number(/^chartseal_unendorsed_transactions (\d+)$/m.exec(body)?.[1]);
    };
    for (const wanted of Object.values(forgeries(9))) {
      const before = await told();
      assert.equal(await ordered(wanted, 'pharmacy', 'insurer'), 'ENDORSEMENT_POLICY_FAILURE');
      await until('the alarm', async () => (await told()) === before + 1, 1_000);
    }
    assert.deepEqual(await statuses(), [200, 200, 201]);
  });

  it('serves no policy but its own: alarm unasked within a second, and again when it is set right', async () => {
    const version = (await hospital.consent.policy())?.version ?? 0;
    const policy = (value: object): Wanted => ({ writes: { 'policy/HospitalMSP': value } });
    const open = policy({ ...OPEN, version: version + 1 });
    assert.equal(await ordered(open, 'hospital', 'auditor'), 'VALID');
    await until('the alarm', () => alarmed('policy'), 1_500);
    assert.deepEqual(await statuses(), [503, 503, 503]);
    const right = policy({ ...BASIC, version: version + 2 });
    assert.equal(await ordered(right, 'hospital', 'auditor'), 'VALID');
    await until('its end', async () => !(await alarmed('policy')), 1_500);
    assert.deepEqual(await statuses(), [200, 200, 201]);
  });

  it('acknowledges nothing that its log would not take, and goes on when it is set right', async () => {
    await until('all is anchored', async () => {
      const { body } = await served.app.inject('/metrics');
      return body.includes('chartseal_leaf_backlog 0');
    });
    const log = (value: object): Wanted => ({ writes: { 'log/HospitalMSP': value } });
    const ours = await hospital.log.head();
    assert.ok(ours !== undefined && ours.size > 1);
    assert.equal(await ordered(log(OTHER_LOG), 'hospital', 'pharmacy'), 'VALID');
    await until('the alarm', () => alarmed('log'), 1_500);
    assert.deepEqual(await statuses(), [503, 503, 503]);
    assert.equal(await ordered(log(ours), 'hospital', 'pharmacy'), 'VALID');
    await until('its end', async () => !(await alarmed('log')), 10_000);
    assert.deepEqual(await statuses(), [200, 200, 201]);
  });
});

async function until(what: string, is: () => Promise<boolean>, patience = 10_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await is())) {
    assert.ok(performance.now() < end, `${what} does not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
