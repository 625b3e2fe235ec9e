import assert from 'node:assert/strict';
import { beforeAll, describe, it } from '@jest/globals';
import { leafHash, logKey } from '@chartseal/evidence';
import { MemoryState, MemoryStub } from '../src/memory-stub.ts';
import type { newChaincode } from '../src/serve.ts';
import { custodianPolicy } from '../src/transaction/key-policy.ts';
import { selfSigned } from './support/certificate.ts';
import { AT, HOSPITAL, json, MEMBERS } from './support/ledger.ts';

type Chaincode = ReturnType<typeof newChaincode>;
interface Metadata {
  readonly contracts: Record<string, { transactions: { name: string }[] }>;
}
const SERVER = selfSigned({ 'fhir.role': 'server', 'fhir.org': 'hospital' }).cert;
const PEER = selfSigned({ 'fhir.role': 'peer' }).cert;

/** As the peer would call it: the caller is known by a certificate. */
class PeerStub extends MemoryStub {
  readonly #certificate: string;

  constructor(call: {
    name: string;
    args: readonly (string | Uint8Array)[];
    certificate?: string;
  }) {
    const [contract = '', transaction = ''] = call.name.split(':');
    const state = new MemoryState();
    super({ contract, transaction, args: call.args, txId: 'tx', at: AT, caller: HOSPITAL, state });
    this.#certificate = call.certificate ?? SERVER;
  }

  override getCreator(): { mspid: string; idBytes: Uint8Array } {
    return { mspid: 'HospitalMSP', idBytes: Buffer.from(this.#certificate) };
  }
}

describe('the contracts behind the shim', () => {
  let chaincode: Chaincode;
  beforeAll(async () => {
    // The shim logs every refusal; here they are expected.
    process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'CRITICAL';
    const serve = await import('../src/serve.ts');
    chaincode = serve.newChaincode(MEMBERS);
  });

  async function call(...args: ConstructorParameters<typeof PeerStub>) {
    const stub = new PeerStub(...args);
    const { status, message, payload } = await chaincode.Invoke(stub as never);
    return {
      status,
      message,
      payload: Buffer.from(payload ?? []).toString('utf8'),
      writes: stub.writes(),
      policies: stub.policies(),
    };
  }

  it('get raw bytes, the members, and the organisation and role from the certificate', async () => {
    const hash = leafHash(Buffer.from('a'));
    const { status, payload, writes, policies } = await call({
      name: 'log:append',
      args: [json({ prevSize: 0 }), hash],
    });
    assert.equal(status, 200);
    assert.equal(payload, json({ root: Buffer.from(hash).toString('hex'), size: 1 }));
    assert.deepEqual(
      writes.map(({ key }) => key),
      [logKey('HospitalMSP')],
    );
    const policy = custodianPolicy('HospitalMSP', MEMBERS);
    assert.deepEqual(policies, [{ key: logKey('HospitalMSP'), policy }]);

    const refused = await call({
      name: 'log:append',
      args: [json({ prevSize: 0 }), hash],
      certificate: PEER,
    });
    assert.equal(refused.status, 500);
    assert.match(refused.message ?? '', /^caller-not-allowed: /);
    assert.deepEqual(refused.writes, []);
  });

  it('answer null where there is nothing', async () => {
    const { status, payload } = await call({
      name: 'log:head',
      args: [json({ msp: 'HospitalMSP' })],
    });
    assert.deepEqual([status, payload], [200, 'null']);
  });

  it('are exactly the declared transactions', () => {
    const { contracts } = (chaincode as unknown as { metadata: Metadata }).metadata;
    const names = Object.entries(contracts).flatMap(([name, { transactions }]) =>
      name === 'org.hyperledger.fabric' ? [] : transactions.map((one) => `${name}:${one.name}`),
    );
    assert.deepEqual(names.sort(), [
      ...['consent:head', 'consent:policy', 'consent:record', 'consent:setPolicy'],
      ...['custody:keep', 'custody:keepHeads', 'disclosure:disclose', 'log:append', 'log:head'],
    ]);
  });

  it('refuse what is no transaction', async () => {
    for (const name of ['log:nothing', 'log:createContext', 'nothing:append']) {
      assert.equal((await call({ name, args: ['{}'] })).status, 500, name);
    }
  });
});
