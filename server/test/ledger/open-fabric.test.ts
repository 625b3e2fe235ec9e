import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import Fastify from 'fastify';
import { AMBIENT } from '../../src/parts/ambient.ts';
import { openLedger } from '../../src/parts/ledger.ts';
import { newCredential, pemOf } from '../support/credentials.ts';
import { inFolder } from '../support/ledger-samples.ts';

/** Opens the ledger of a server that is told this MSP, with a connection file of HospitalMSP. */
async function openAs(msp: string): Promise<string> {
  return inFolder(async (folder) => {
    const own = newCredential();
    const connection = join(folder, 'connection.json');
    const trust = { format: 'chartseal-trust/1', ledger: 'fabric', channel: 'records' };
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(trust));
    writeFileSync(
      connection,
      JSON.stringify({
        msp: 'HospitalMSP',
        channel: 'records',
        chaincode: 'chartseal',
        peer: { endpoint: '127.0.0.1:1', tlsCa: own.certificate },
        identity: { certificate: own.certificate, privateKey: pemOf(own) },
        endorsers: ['HospitalMSP', 'PharmacyMSP'],
        trust: 'trust.json',
      }),
    );
    const opened = await openLedger(
      {
        ledger: { kind: 'fabric', connection },
        trust: join(folder, 'trust.json'),
        organisation: { name: 'hospital', msp, reference: 'Organization/hospital' },
      },
      AMBIENT,
      Fastify().log,
    );
    await opened.close();
    return opened.channel.msp;
  });
}

describe('the ledger of a connection file', () => {
  it('is opened by a server of the MSP that its identity is of', async () => {
    assert.equal(await openAs('HospitalMSP'), 'HospitalMSP');
  });

  for (const msp of ['PharmacyMSP', 'hospitalmsp', 'HospitalMSP ']) {
    it(`is refused to a server that is told "${msp}"`, async () => {
      await assert.rejects(openAs(msp), ({ message }: Error) => {
        assert.match(
          message,
          new RegExp(
            `^CHARTSEAL_MSP is "${msp}", but the identity in .*connection\\.json is of "HospitalMSP"$`,
          ),
        );
        return true;
      });
    });
  }
});
