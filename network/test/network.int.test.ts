import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FabricTrustAnchors } from '@chartseal/evidence';
import type { ConnectionFile } from '../src/identities/connection-file.ts';
import { down, layoutOf, loadTopology, shiftPorts, start, status, stop, up } from '../src/index.ts';
import { committedDefinition } from '../src/chaincode/lifecycle.ts';
import { DEFAULT_CACHE } from '../src/build-binaries.ts';
import { accepts } from '../src/processes/listening.ts';
import { isRunning, runningProcess } from '../src/processes/pid-record.ts';
import { appendLeaves, logHead } from './support/log-client.ts';

/** Away from a network that a developer may be running. */
const PORT_OFFSET = 2000;
const topology = shiftPorts(loadTopology(), PORT_OFFSET);
const dataDir = mkdtempSync(join(tmpdir(), 'network-'));
const layout = layoutOf(dataDir, join(dataDir, 'trust.json'));
const network = { topology, layout, bin: join(DEFAULT_CACHE, 'bin') };
const [hospital, pharmacy] = topology.organisations as [
  (typeof topology.organisations)[0],
  (typeof topology.organisations)[0],
];

const bringUp = () => up({ dataDir, topology, trustFile: layout.trust });
const states = async () =>
  Object.fromEntries((await status({ dataDir })).processes.map(({ name, state }) => [name, state]));
const connectionOf = (name: string) =>
  JSON.parse(readFileSync(join(dataDir, name, 'connection.json'), 'utf8')) as ConnectionFile;

function recordOf(name: string) {
  const record = runningProcess(layout.run, name);
  assert.ok(record, `${name} runs`);
  return record;
}

async function kill(...names: string[]): Promise<void> {
  const records = names.map(recordOf);
  for (const { pid } of records) process.kill(pid, 'SIGKILL');
  while (records.some(isRunning)) await sleep(10);
}

beforeAll(bringUp, 600_000);
afterAll(async () => {
  await down({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a network that has come up', () => {
  it('runs a peer, an orderer and a chaincode of each organisation', async () => {
    const { up: allUp, processes } = await status({ dataDir });
    assert.equal(allUp, true);
    assert.equal(processes.length, 12);
    assert.equal(new Set(processes.map(({ pid }) => pid)).size, 12);
  });

  it('commits transactions of every organisation, endorsed by three', async () => {
    for (const { name } of topology.organisations) {
      assert.equal((await appendLeaves(connectionOf(name), 0, 2)).size, 2);
    }
  });

  it('has agreed on a definition that names the digest of the code', async () => {
    const definition = await committedDefinition(network);
    assert.equal(definition?.sequence, 1);
    assert.match(definition.version, /^1\.1\+[0-9a-f]{64}$/);
  });

  it('has given servers certificates that name their role and organisation, and no host', () => {
    for (const { name, reference } of topology.organisations) {
      const pem = readFileSync(connectionOf(name).identity.certificate);
      const certificate = new X509Certificate(pem);
      const attributes = certificate.raw.toString('latin1');
      assert.ok(attributes.includes(`"fhir.org":"${reference}"`), name);
      assert.ok(attributes.includes('"fhir.role":"server"'), name);
      assert.equal(certificate.subjectAltName, `DNS:server.${name}`);
    }
  });

  it('has issued identities and TLS certificates from different authorities', () => {
    const { msps, tls } = layout.of(hospital);
    const identity = new X509Certificate(readFileSync(join(msps.peer, 'cacerts', 'ca.pem')));
    const tlsRoot = new X509Certificate(readFileSync(tls.peer.ca));
    const tlsCertificate = new X509Certificate(readFileSync(tls.peer.certificate));
    assert.ok(tlsCertificate.verify(tlsRoot.publicKey));
    assert.ok(!tlsCertificate.verify(identity.publicKey));
  });

  it('has written trust anchors that a verifier can use', () => {
    const anchors = JSON.parse(readFileSync(layout.trust, 'utf8')) as FabricTrustAnchors;
    assert.deepEqual([anchors.ledger, anchors.channel, anchors.quorum], ['fabric', 'records', 3]);
    assert.deepEqual(anchors.endorsement, {
      required: 2,
      of: topology.organisations.map(({ msp }) => msp),
    });
    for (const [index, { msp, certificate }] of anchors.consenters.entries()) {
      const root = anchors.organisations[index]!;
      assert.equal(root.msp, msp);
      const [rootPem] = root.rootCertificates;
      assert.ok(new X509Certificate(certificate).verify(new X509Certificate(rootPem!).publicKey));
    }
  });

  it('does not leave a certificate authority running', async () => {
    for (const { ports } of topology.organisations) {
      assert.equal(await accepts('127.0.0.1', ports.ca), false);
      assert.equal(await accepts('127.0.0.1', ports.peer), true);
    }
  });

  it('does nothing on a second up', async () => {
    const before = (await status({ dataDir })).processes;
    await bringUp();
    assert.deepEqual((await status({ dataDir })).processes, before);
    assert.equal((await committedDefinition(network))?.sequence, 1);
  });
});

describe('single processes', () => {
  it('stop and start by name', async () => {
    await stop({ dataDir, processes: ['orderer.pharmacy', 'chaincode.insurer'] });
    const stopped = await states();
    assert.deepEqual(
      Object.keys(stopped).filter((name) => stopped[name] === 'down'),
      ['orderer.pharmacy', 'chaincode.insurer'],
    );
    await start({ dataDir, processes: ['orderer.pharmacy', 'chaincode.insurer'] });
    assert.equal((await status({ dataDir })).up, true);
  });

  it('are refused by unknown names', async () => {
    await assert.rejects(
      stop({ dataDir, processes: ['orderer.nobody'] }),
      /no process orderer\.nobody/,
    );
  });
});

describe('after a crash', () => {
  it('of the leading orderer, transactions still commit', async () => {
    await kill('orderer.hospital');
    const { size } = await logHead(connectionOf('pharmacy'));
    assert.equal((await appendLeaves(connectionOf('pharmacy'), size, 1)).size, size + 1);
  });

  it('of an orderer, a peer and a chaincode, up restores them with their data', async () => {
    const { size } = await logHead(connectionOf('pharmacy'));
    const kept = recordOf('peer.auditor').pid;
    await kill(`peer.${pharmacy.name}`, 'chaincode.insurer');
    await bringUp();
    assert.equal((await status({ dataDir })).up, true);
    assert.equal(recordOf('peer.auditor').pid, kept);
    assert.equal((await logHead(connectionOf('pharmacy'))).size, size);
    assert.equal((await appendLeaves(connectionOf('pharmacy'), size, 3)).size, size + 3);
  });

  it('of everything at once, up restores it all', async () => {
    const before = await logHead(connectionOf('hospital'));
    await kill(...Object.keys(await states()));
    await bringUp();
    assert.deepEqual(await logHead(connectionOf('hospital')), before);
    assert.equal(
      (await appendLeaves(connectionOf('hospital'), before.size, 1)).size,
      before.size + 1,
    );
  });
});

describe('a chaincode process', () => {
  it('refuses to start for a package of other code', async () => {
    const { main } = await import('../src/chaincode/chaincode-program.ts').then((m) =>
      m.builtChaincode(),
    );
    await stop({ dataDir, processes: ['chaincode.auditor'] });
    await assert.rejects(
      start({
        dataDir,
        processes: ['chaincode.auditor'],
        chaincode: { main, digest: '0'.repeat(64) },
      }),
      /chaincode\.auditor ended while starting[^]*differs/,
    );
    await start({ dataDir, processes: ['chaincode.auditor'] });
    assert.equal((await states())['chaincode.auditor'], 'up');
  });
});

describe('down', () => {
  it('leaves no process and keeps the data', async () => {
    const before = await logHead(connectionOf('hospital'));
    const records = Object.keys(await states()).map(recordOf);
    const stopped = await down({ dataDir });
    assert.equal(stopped.length, 12);
    assert.deepEqual(records.filter(isRunning), []);
    assert.deepEqual(await down({ dataDir }), []);
    await bringUp();
    assert.deepEqual(await logHead(connectionOf('hospital')), before);
  });
});
