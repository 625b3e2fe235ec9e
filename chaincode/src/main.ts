import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { approvedDigest, codeDigest } from './code-digest.ts';
import { readMembership } from './membership.ts';

/**
 * The chaincode process of one organisation's peer. Environment: CHAINCODE_ID (package id), CHAINCODE_ADDRESS
 * (host:port to listen on), CHAINCODE_TLS_KEY, CHAINCODE_TLS_CERT, CHAINCODE_CLIENT_CA (PEM files) and
 * CHAINCODE_MEMBERS (JSON of the channel's members), and CHAINCODE_DIGEST, which the installed package carries: that of
 * the code and of these members. Exits with 2 on a wrong environment, 3 when they are not the approved ones, 4 when it
 * cannot listen.
 */
const NAMES = [
  'CHAINCODE_ID',
  'CHAINCODE_ADDRESS',
  'CHAINCODE_TLS_KEY',
  'CHAINCODE_TLS_CERT',
  'CHAINCODE_CLIENT_CA',
  'CHAINCODE_MEMBERS',
  'CHAINCODE_DIGEST',
] as const;

function refuse(code: 2 | 3 | 4, message: string): never {
  process.stderr.write(`chaincode: ${message}\n`);
  process.exit(code);
}

function setting(name: (typeof NAMES)[number]): string {
  return process.env[name] ?? '';
}

function pem(name: (typeof NAMES)[number]): Buffer {
  try {
    return readFileSync(setting(name));
  } catch {
    return refuse(2, `${name}: cannot read ${setting(name)}`);
  }
}

const missing = NAMES.filter((name) => setting(name) === '');
if (missing.length > 0) refuse(2, `not set: ${missing.join(', ')}`);

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const evidence = realpathSync(fileURLToPath(import.meta.resolve('@chartseal/evidence')));
if (!evidence.startsWith(realpathSync(join(root, 'evidence')) + sep)) {
  refuse(3, 'the evidence library that would be loaded is not the one that was measured');
}
const membership = readMembership(setting('CHAINCODE_MEMBERS'));
if (membership === undefined) refuse(2, 'CHAINCODE_MEMBERS: names no members');
const digest = approvedDigest(codeDigest(root), setting('CHAINCODE_MEMBERS'));
if (digest !== setting('CHAINCODE_DIGEST')) {
  refuse(3, `digest ${digest} differs from the approved ${setting('CHAINCODE_DIGEST')}`);
}

// The shim reads its log level when it is loaded, so it is loaded after this; its gRPC calls are deprecated ones.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'ERROR';
process.noDeprecation = true;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
const { serve } = await import('./serve.ts');
try {
  await serve({
    id: setting('CHAINCODE_ID'),
    address: setting('CHAINCODE_ADDRESS'),
    key: pem('CHAINCODE_TLS_KEY'),
    cert: pem('CHAINCODE_TLS_CERT'),
    clientCa: pem('CHAINCODE_CLIENT_CA'),
    membership,
  });
} catch (error) {
  const reason = error instanceof Error ? error.message : 'unknown reason';
  refuse(4, `cannot listen on ${setting('CHAINCODE_ADDRESS')}: ${reason}`);
}
process.stdout.write(
  `chaincode ${setting('CHAINCODE_ID')} listening on ${setting('CHAINCODE_ADDRESS')}, code ${digest}\n`,
);
