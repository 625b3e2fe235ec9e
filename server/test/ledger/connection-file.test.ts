import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { readConnectionFile } from '../../src/ledger/fabric/connection-file.ts';
import { inFolder } from '../support/ledger-samples.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const TRUST = { format: 'chartseal-trust/1', ledger: 'fabric', channel: 'records' };
const GOOD = {
  msp: 'HospitalMSP',
  channel: 'records',
  chaincode: 'chartseal',
  peer: { endpoint: '127.0.0.1:7051', tlsCa: 'ca.pem' },
  identity: { certificate: PEM, privateKey: 'ca.pem' },
  endorsers: ['HospitalMSP', 'PharmacyMSP'],
  trust: 'trust.json',
};

async function read(content: unknown): ReturnType<typeof readConnectionFile> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, 'ca.pem'), PEM);
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(TRUST));
    writeFileSync(join(folder, 'embedded.json'), JSON.stringify({ ...TRUST, ledger: 'embedded' }));
    writeFileSync(join(folder, 'connection.json'), JSON.stringify(content));
    return readConnectionFile(join(folder, 'connection.json'));
  });
}

describe('connection file', () => {
  it('gives PEM contents whether inline or by path, and the anchors', async () => {
    const { certificates, ...connection } = await read(GOOD);
    assert.deepEqual(
      certificates.map(({ name, pem }) => [name, pem]),
      [
        ['own identity', PEM],
        ['TLS authority of the peer', undefined],
      ],
    );
    assert.deepEqual(connection, {
      ...GOOD,
      // A file of before names neither: more than half are asked, and all of them for the policy.
      ...{ quorum: 2, auditor: undefined },
      peer: { endpoint: '127.0.0.1:7051', tlsCa: PEM },
      identity: { certificate: PEM, privateKey: PEM },
      trust: TRUST,
    });
  });

  it('names the files of an identity, and further certificates whose end is told', async () => {
    const identity = { certificate: 'ca.pem', privateKey: 'ca.pem' };
    const certificates = [{ name: 'server.hospital identity', path: 'ca.pem' }];
    const connection = await read({ ...GOOD, identity, certificates });
    assert.match(connection.identity.files?.certificate ?? '', /^\/.*\/ca\.pem$/);
    // What the file names by the same path goes by that name alone.
    assert.deepEqual(connection.certificates, [
      { name: 'server.hospital identity', path: connection.identity.files?.certificate },
    ]);
  });

  it('lets further members be, and refuses what is no object', async () => {
    assert.equal((await read({ ...GOOD, note: 'ours' })).msp, 'HospitalMSP');
    await assert.rejects(read([GOOD]), { message: 'connection file: the file must be an object' });
  });

  for (const [name, change, message] of [
    [
      'a certificate without a path',
      { certificates: [{ name: 'x' }] },
      /certificates\[0\]\.path must be a non-empty string/,
    ],
    ['no msp', { msp: undefined }, /connection file: msp must be a non-empty string$/],
    ['an empty channel', { channel: '' }, /channel must/],
    ['no peer', { peer: [] }, /peer must be an object/],
    ['no endpoint', { peer: { tlsCa: PEM } }, /peer\.endpoint must/],
    ['one endorser', { endorsers: ['HospitalMSP'] }, /endorsers must be an array of 2 to/],
    ['more endorsers than there are', { quorum: 3 }, /quorum must not exceed/],
    ['a quorum of one', { quorum: 1 }, /quorum must be/],
    ['an auditor who is no endorser', { auditor: 'AuditorMSP' }, /auditor must be one of/],
    ['an endorser that is no name', { endorsers: ['HospitalMSP', 7] }, /endorsers\[1\] must be/],
    [
      'a key file that is not there',
      { identity: { certificate: PEM, privateKey: 'none' } },
      /ENOENT/,
    ],
    [
      'anchors of a development ledger',
      { trust: 'embedded.json' },
      /trust\.ledger must be "fabric"/,
    ],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(read({ ...GOOD, ...change }), message);
    });
  }
});
