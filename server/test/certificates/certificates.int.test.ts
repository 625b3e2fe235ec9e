import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyEvidence } from '@chartseal/evidence';
import * as network from '@chartseal/network';
import { people, type Caller } from '../support/app.ts';
import { serverProcess, type LoggedProcess } from '../support/server-process.ts';

const root = mkdtempSync(join(tmpdir(), 'certificates-'));
const dataDir = join(root, 'network');
const trustFile = join(root, 'trust.json');
const topology = {
  ...network.shiftPorts(network.loadTopology(), 6000),
  // Fabric CA rounds the end to a minute: what is issued now lives for two minutes, half a minute more or less.
  certificates: { lifetime: '2m', authorityLifetime: '87600h' },
};
const organisations = network.loadTopology().organisations.map(({ name }) => name);
const folderOf = (name: string) => join(dataDir, name);
const identityOf = (name: string) =>
  join(folderOf(name), 'identities', 'server', 'msp', 'signcerts', 'certificate.pem');
const pharmacySystem = {
  ...people.ehr,
  msp: 'PharmacyMSP',
  organization: 'Organization/pharmacy',
} as const satisfies Caller;
const PATIENT = JSON.stringify({ resourceType: 'Patient', id: 'a', active: true });

/** A copy of the pharmacy's connection whose identity nobody renews. */
const neglected = join(root, 'neglected');
const neglectedIdentity = join(neglected, 'certificate.pem');
let expiry: number;
let hospital: LoggedProcess;
let pharmacy: LoggedProcess;
let firstTrust: string;
let oldEvidence: string;

function neglect(): void {
  mkdirSync(neglected);
  const connection = JSON.parse(
    readFileSync(join(folderOf('pharmacy'), 'connection.json'), 'utf8'),
  ) as { identity: object; certificates: { name: string; path: string }[] };
  cpSync(identityOf('pharmacy'), neglectedIdentity);
  const text = JSON.stringify({
    ...connection,
    identity: { ...connection.identity, certificate: neglectedIdentity },
    certificates: connection.certificates.map(({ name, path }) => ({
      name,
      path: path === identityOf('pharmacy') ? neglectedIdentity : path,
    })),
  });
  writeFileSync(join(neglected, 'connection.json'), text);
}

const failedClaims = (bundle: string, trust: string) =>
  verifyEvidence(bundle, trust).claims.filter(({ verdict }) => verdict !== 'pass');
const evidence = async (version: number) => {
  const { status, text } = await hospital.ask(
    people.ehr,
    'GET',
    `Patient/a/_history/${version}/$evidence`,
  );
  assert.equal(status, 200, text);
  return text;
};

beforeAll(async () => {
  await network.up({ dataDir, trustFile, topology });
  expiry = Date.parse(new X509Certificate(readFileSync(identityOf('hospital'))).validTo);
  firstTrust = readFileSync(trustFile, 'utf8');
  for (const name of organisations) {
    cpSync(join(folderOf(name), 'identities'), join(root, 'old', name), { recursive: true });
  }
  neglect();
  const connect = (folder: string) => ({
    CHARTSEAL_LEDGER: `fabric:${join(folder, 'connection.json')}`,
    CHARTSEAL_TRUST: trustFile,
    CHARTSEAL_LOG_LEVEL: 'info',
  });
  hospital = await serverProcess(connect(folderOf('hospital')));
  pharmacy = await serverProcess({
    ...connect(neglected),
    CHARTSEAL_ORGANISATION_NAME: 'pharmacy',
    CHARTSEAL_MSP: 'PharmacyMSP',
    CHARTSEAL_ORGANISATION_REFERENCE: 'Organization/pharmacy',
  });
  await Promise.all([hospital.start(), pharmacy.start()]);
  for (const [server, caller] of [
    [hospital, people.ehr],
    [pharmacy, pharmacySystem],
  ] as const) {
    const { status } = await server.ask(caller, 'PUT', 'Patient/a', { body: PATIENT });
    assert.equal(status, 201);
    assert.equal((await server.ask(caller, 'GET', 'Patient/a')).status, 200);
  }
  oldEvidence = await evidence(1);
}, 600_000);
afterAll(async () => {
  await Promise.all([hospital, pharmacy].map((server) => server.remove()));
  await network.down({ dataDir });
  rmSync(root, { recursive: true, force: true });
});

describe('certificates of a network', () => {
  it('are warned of from 30 days before their end on, in the log and as metrics', async () => {
    for (const name of ['server.hospital identity', 'peer.hospital tls']) {
      await hospital.logged('"level":40', `"certificate":"${name}"`, 'expires in 0 days');
      const left = await hospital.metric(
        `chartseal_certificate_expiry_seconds{certificate="${name}"}`,
      );
      assert.ok(Math.abs(left - (expiry - Date.now()) / 1000) < 70, `${left} s are left`);
    }
    assert.ok(
      !hospital.log().includes('authority.hospital'),
      'those with years left are not warned of',
    );
  });

  it('are renewed while the network serves', async () => {
    let renewing = true;
    const statuses: number[] = [];
    const loop = async () => {
      for (let i = 0; renewing; i += 1) {
        const write = i % 5 === 4;
        const answer = write
          ? await hospital.ask(people.ehr, 'PUT', 'Patient/a', { body: PATIENT })
          : await hospital.ask(people.ehr, 'GET', 'Patient/a');
        statuses.push(answer.status);
        await sleep(50);
      }
    };
    const serving = loop();
    const done = await network.renew({ dataDir }).finally(() => (renewing = false));
    await serving;
    assert.equal(done.certificates.length, 28);
    assert.equal(done.restarted.length, 12);
    const failed = statuses.filter((status) => status !== 200);
    console.log(`${statuses.length} requests, ${failed.length} of them answered 503`);
    assert.deepEqual(
      failed.filter((status) => status !== 503),
      [],
    );
    assert.ok(failed.length * 4 < statuses.length, 'few fail, while their own peer starts');
    assert.equal((await hospital.ask(people.ehr, 'GET', 'Patient/a')).status, 200);
    assert.deepEqual(await network.renew({ dataDir }), { certificates: [], restarted: [] });
  });

  it('that were renewed serve on when the old ones have ended', async () => {
    while (Date.now() < expiry + 2_000) await sleep(500);
    for (let i = 0; i < 3; i += 1) {
      assert.equal((await hospital.ask(people.ehr, 'GET', 'Patient/a')).status, 200);
    }
    const write = await hospital.ask(people.ehr, 'PUT', 'Patient/a', { body: PATIENT });
    assert.equal(write.status, 200);
    const shown = 'chartseal_certificate_expiry_seconds{certificate="TLS shown by our peer"}';
    assert.ok((await hospital.metric(shown)) > 300 * 86_400, 'the peer shows its renewed one');
  });

  it('that were not renewed are named in the log of a 503, and to nobody else', async () => {
    const { status, text } = await pharmacy.ask(pharmacySystem, 'GET', 'Patient/a');
    assert.equal(status, 503);
    assert.doesNotMatch(text, /certificate|expired|identity/i);
    const line = await pharmacy.logged('request failed');
    const { expired } = JSON.parse(line) as { expired: string[] };
    assert.deepEqual(expired, [
      `server.pharmacy identity (${neglectedIdentity}) expired at ${new Date(expiry).toISOString()}`,
    ]);
    await pharmacy.logged('"level":50', '"certificate":"server.pharmacy identity"', 'has expired');
  });

  it('are taken by a running server when the file is replaced', async () => {
    cpSync(identityOf('pharmacy'), neglectedIdentity);
    await sleep(1_100);
    assert.equal((await pharmacy.ask(pharmacySystem, 'GET', 'Patient/a')).status, 200);
  });

  it('leave evidence valid for those who hold the anchors of before', async () => {
    const now = readFileSync(trustFile, 'utf8');
    const fresh = await evidence(2);
    for (const trust of [firstTrust, now]) {
      for (const bundle of [oldEvidence, fresh]) assert.deepEqual(failedClaims(bundle, trust), []);
    }
  });
});

describe('a network whose certificates have all ended', () => {
  it('is repaired by up, without a restart of the servers', async () => {
    await network.down({ dataDir });
    for (const name of organisations) {
      cpSync(join(root, 'old', name), join(folderOf(name), 'identities'), { recursive: true });
    }
    assert.equal((await hospital.ask(people.ehr, 'GET', 'Patient/a')).status, 503);
    await network.up({ dataDir, trustFile });
    assert.equal((await hospital.ask(people.ehr, 'GET', 'Patient/a')).status, 200);
  });
});
