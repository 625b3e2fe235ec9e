import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { approvedDigest, codeDigest } from '../src/code-digest.ts';
import { selfSigned } from './support/certificate.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PEER = selfSigned();
const MEMBERS = '{"organisations":["HospitalMSP","AuditorMSP"],"auditor":"AuditorMSP"}';

describe('the chaincode process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chaincode-'));
  const own = selfSigned();
  let environment: Record<string, string>;
  let port: number;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    port = await freePort();
    for (const [name, content] of [
      ['key', own.key],
      ['cert', own.cert],
      ['ca', PEER.cert],
    ] as const) {
      writeFileSync(join(folder, name), content);
    }
    environment = {
      CHAINCODE_ID: 'chartseal_1:abc',
      CHAINCODE_ADDRESS: `127.0.0.1:${port}`,
      CHAINCODE_TLS_KEY: join(folder, 'key'),
      CHAINCODE_TLS_CERT: join(folder, 'cert'),
      CHAINCODE_CLIENT_CA: join(folder, 'ca'),
      CHAINCODE_MEMBERS: MEMBERS,
      CHAINCODE_DIGEST: approvedDigest(codeDigest(ROOT), MEMBERS),
    };
  });

  afterAll(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function start(changes: Record<string, string | undefined> = {}, root = ROOT) {
    const env = { PATH: process.env['PATH'], ...environment, ...changes };
    const child = spawn(process.execPath, [join(root, 'chaincode/dist/main.js')], { env });
    started.push(child);
    let output = '';
    const heard = new Promise<void>((resolve) => {
      const listen = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes('listening')) resolve();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
    });
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, heard, exit, output: () => output };
  }

  it('serves the peer over mutual TLS and stops at SIGTERM', async () => {
    const chaincode = start();
    await Promise.race([chaincode.heard, chaincode.exit]);
    assert.match(
      chaincode.output(),
      /^chaincode chartseal_1:abc listening on 127\.0\.0\.1:\d+, code [0-9a-f]{64}\n$/,
    );
    assert.equal(await handshake(port, PEER), 'accepted');
    assert.equal(await handshake(port, selfSigned()), 'refused');
    assert.equal(await handshake(port, undefined), 'refused');
    chaincode.child.kill('SIGTERM');
    assert.equal(await chaincode.exit, 0);
  });

  it('does not start on another digest', async () => {
    const { exit, output } = start({ CHAINCODE_DIGEST: '0'.repeat(64) });
    assert.equal(await exit, 3);
    assert.match(output(), /digest [0-9a-f]{64} differs from the approved 0{64}/);
  });

  it('does not start when one byte of its code differs', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'chaincode-copy-'));
    try {
      for (const name of ['chaincode', 'evidence']) {
        mkdirSync(join(copy, name));
        cpSync(join(ROOT, name, 'dist'), join(copy, name, 'dist'), { recursive: true });
        cpSync(join(ROOT, name, 'package.json'), join(copy, name, 'package.json'));
      }
      mkdirSync(join(copy, 'node_modules/@chartseal'), { recursive: true });
      symlinkSync(join(copy, 'evidence'), join(copy, 'node_modules/@chartseal/evidence'));
      assert.equal(codeDigest(copy), codeDigest(ROOT));
      writeFileSync(join(copy, 'evidence/dist/merkle.js'), ' ', { flag: 'a' });
      const { exit, output } = start({}, copy);
      assert.equal(await exit, 3);
      assert.match(output(), /differs from the approved/);
      rmSync(join(copy, 'node_modules/@chartseal/evidence'));
      symlinkSync(join(ROOT, 'evidence'), join(copy, 'node_modules/@chartseal/evidence'));
      const swapped = start({}, copy);
      assert.equal(await swapped.exit, 3);
      assert.match(swapped.output(), /not the one that was measured/);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('does not start with other members than the approved ones', async () => {
    const others = MEMBERS.replace('HospitalMSP', 'InsurerMSP');
    const { exit, output } = start({ CHAINCODE_MEMBERS: others });
    assert.equal(await exit, 3);
    assert.match(output(), /differs from the approved/);
    for (const none of [
      '{}',
      'HospitalMSP',
      MEMBERS.replace('"HospitalMSP","AuditorMSP"', '"A"'),
    ]) {
      const unreadable = start({ CHAINCODE_MEMBERS: none });
      assert.equal(await unreadable.exit, 2, none);
      assert.match(unreadable.output(), /CHAINCODE_MEMBERS: names no members/);
    }
  });

  it('names what is missing', async () => {
    const unset = start({ CHAINCODE_ID: undefined, CHAINCODE_DIGEST: '' });
    assert.equal(await unset.exit, 2);
    assert.match(unset.output(), /not set: CHAINCODE_ID, CHAINCODE_DIGEST/);
    const unreadable = start({ CHAINCODE_TLS_KEY: join(folder, 'none') });
    assert.equal(await unreadable.exit, 2);
    assert.match(unreadable.output(), /CHAINCODE_TLS_KEY: cannot read/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** With TLS 1.3 a refused client certificate shows after the handshake, as an alert. */
function handshake(
  port: number,
  client: { cert: string; key: string } | undefined,
): Promise<'accepted' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...client,
    });
    // An HTTP/2 server greets with its SETTINGS once the client is let in.
    socket.once('data', () => {
      socket.destroy();
      resolve('accepted');
    });
    socket.once('error', () => resolve('refused'));
    socket.once('close', () => resolve('refused'));
  });
}
