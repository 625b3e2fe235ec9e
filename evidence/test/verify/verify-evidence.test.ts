import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { encodeBundle, type EvidenceBundle } from '../../src/evidence-bundle.ts';
import { checkEnvelopes, decodeBlock } from '../../src/fabric/block.ts';
import { stripBlock } from '../../src/fabric/orderer-signatures.ts';
import { logKey } from '../../src/log-state.ts';
import { trustFingerprint, type FabricTrustAnchors } from '../../src/trust-anchors.ts';
import { verifyEvidence, type ClaimName } from '../../src/verify/verify-evidence.ts';
import { issue, makeAuthority } from '../support/certificate.ts';
import {
  embeddedEvidence,
  fabricEvidence,
  record,
  type Lies,
} from '../support/synthetic-evidence.ts';
import { makeBlock, makeNetwork, makeTransaction } from '../support/synthetic-fabric.ts';

const network = makeNetwork();
const { anchors } = network;
const at = (msp: string) => network.organisations[msp]!;
const hospital = at('HospitalMSP');
const pharmacy = at('PharmacyMSP');
const client = { msp: hospital.msp, credential: hospital.client };
const peer = (msp: string) => ({ msp, credential: at(msp).peer });
const orderers = (...ids: number[]) =>
  ids.map((id) => ({ id, credential: Object.values(network.organisations)[id - 1]!.orderer }));

const honest = await fabricEvidence(network);
const other = await fabricEvidence(network);

function failed(bundle: unknown, trust: unknown = anchors, resource?: Uint8Array): ClaimName[] {
  const result = verifyEvidence(bundle, trust, resource === undefined ? {} : { resource });
  const names = result.claims.filter(({ verdict }) => verdict === 'fail').map(({ claim }) => claim);
  assert.equal(result.verified, names.length === 0);
  return names;
}
function with_(change: (bundle: EvidenceBundle) => object): EvidenceBundle {
  return { ...honest, ...change(honest) };
}

describe('verifyEvidence', () => {
  it('passes honest evidence, claim by claim', () => {
    const { verified, claims, notProved } = verifyEvidence(encodeBundle(honest), anchors);
    assert.ok(verified);
    assert.deepEqual(
      claims.map(({ claim }) => claim),
      [
        ...['format', 'anchors', 'content', 'leaf', 'author'],
        ...['inclusion', 'append', 'endorsed', 'ordered'],
      ],
    );
    assert.match(claims[2]!.text, /Patient\/demo-a version 3/);
    assert.ok(notProved.some((line) => line.includes('validity flag')));
  });

  it('takes bytes, text or objects, and anchors in any formatting', () => {
    const text = encodeBundle(honest);
    assert.deepEqual(failed(text), []);
    assert.deepEqual(failed(Buffer.from(text), Buffer.from(JSON.stringify(anchors, null, 2))), []);
    assert.deepEqual(failed(JSON.parse(text), JSON.parse(JSON.stringify(anchors))), []);
  });

  it('compares a version that someone holds', () => {
    const content = Buffer.from(honest.resource.content, 'base64');
    assert.deepEqual(failed(honest, anchors, content), []);
    const changed = Buffer.from(content.toString('utf8').replace('1.00', '1.0'));
    assert.deepEqual(failed(honest, anchors, changed), ['content']);
  });

  it('passes the deletion of a version and no empty one', async () => {
    const deletion = await fabricEvidence(network, { content: '' });
    assert.deepEqual(failed(encodeBundle(deletion)), []);
    const living = { ...deletion, resource: { ...deletion.resource, deleted: false } };
    assert.deepEqual(failed(living), ['content']);
    const renamed = { ...deletion, resource: { ...deletion.resource, id: 'demo-b' } };
    assert.deepEqual(failed(renamed), ['leaf']);
  });

  const elsewhere = issue(makeAuthority('ca.elsewhere'), 'server', ['peer']);
  const lies: [string, Lies, ClaimName[]][] = [
    ['a leaf of another version', { leaf: { seq: 4 } }, ['leaf']],
    ['a leaf of another resource', { leaf: { resource: 'ab'.repeat(16) } }, ['leaf']],
    ['a leaf of another log', { leaf: { log: 'PharmacyMSP' } }, ['leaf']],
    ['a leaf of another kind', { leaf: { kind: 'disclosure' } }, ['content', 'leaf', 'author']],
    ['bytes that name another resource', { content: '{"resourceType":"Patient"}' }, ['content']],
    ['bytes that are not JSON', { content: '{' }, ['content']],
    ['another channel', { transaction: { channel: 'other' } }, ['append']],
    ['a call of another chaincode', { transaction: { calls: 'other' } }, ['append']],
    ['an answer of another chaincode', { transaction: { answers: 'other' } }, ['append']],
    ['a refused transaction', { transaction: { status: 500 } }, ['append']],
    ['a forged creator', { transaction: { forgeCreator: true } }, ['append']],
    [
      'a creator of another organisation',
      { transaction: { creator: { msp: pharmacy.msp, credential: pharmacy.client } } },
      ['append'],
    ],
    [
      'a creator that claims another organisation',
      { transaction: { creator: { msp: hospital.msp, credential: pharmacy.client } } },
      ['append'],
    ],
    [
      'a creator of no trusted organisation',
      { transaction: { creator: { msp: 'OtherMSP', credential: elsewhere } } },
      ['append'],
    ],
    [
      'an authority that acts as a member',
      { transaction: { creator: { msp: hospital.msp, credential: hospital.authority } } },
      ['append'],
    ],
    [
      'a write to the state of another chaincode',
      { transaction: { namespace: 'other' } },
      ['inclusion', 'append', 'endorsed', 'ordered'],
    ],
    [
      'another transaction id in the envelope',
      { transaction: { txId: 'ab'.repeat(32) } },
      ['inclusion', 'append', 'endorsed', 'ordered'],
    ],
    [
      'a configuration transaction',
      { transaction: { type: 1 } },
      ['inclusion', 'append', 'endorsed', 'ordered'],
    ],
    ['one endorsement', { transaction: { endorsers: [peer('HospitalMSP')] } }, ['endorsed']],
    [
      'endorsements without one of the organisation whose log it is',
      { transaction: { endorsers: [peer('PharmacyMSP'), peer('AuditorMSP')] } },
      ['endorsed'],
    ],
    ['no endorsement', { transaction: { endorsers: [] } }, ['endorsed']],
    [
      'two endorsements of one organisation',
      { transaction: { endorsers: [peer('HospitalMSP'), peer('HospitalMSP')] } },
      ['endorsed'],
    ],
    [
      'an endorsement by a client',
      { transaction: { endorsers: [peer('PharmacyMSP'), client] } },
      ['endorsed'],
    ],
    [
      'an endorsement by a stranger',
      {
        transaction: {
          endorsers: [peer('HospitalMSP'), { msp: 'PharmacyMSP', credential: elsewhere }],
        },
      },
      ['endorsed'],
    ],
    ['forged endorsements', { transaction: { forgeEndorsement: true } }, ['endorsed']],
    [
      'endorsements of another proposal',
      { transaction: { proposalHash: randomBytes(32) } },
      ['endorsed'],
    ],
    [
      'an endorsement with the other of two equivalent signatures',
      {
        transaction: {
          endorsers: [peer('HospitalMSP'), { ...peer('PharmacyMSP'), half: 'upper' }],
        },
      },
      ['endorsed'],
    ],
    [
      'two of four orderer signatures',
      { block: { signers: orderers(1, 2) }, unstripped: true },
      ['inclusion', 'append', 'endorsed', 'ordered'],
    ],
    [
      'a block that a peer delivered, with what nobody signed',
      { unstripped: true },
      ['inclusion', 'append', 'endorsed', 'ordered'],
    ],
  ];
  for (const [what, lie, claims] of lies) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(failed(encodeBundle(await fabricEvidence(network, lie))), claims);
    });
  }

  it('counts a second organisation whatever the order of endorsements', async () => {
    const endorsers = [peer('AuditorMSP'), peer('HospitalMSP'), peer('HospitalMSP')];
    assert.deepEqual(failed(await fabricEvidence(network, { transaction: { endorsers } })), []);
  });

  it('refuses too few, repeated, strange or surplus orderer signatures', async () => {
    const { envelope } = makeTransaction({ creator: client, endorsers: [], writes: [] });
    const strip = (signers: { id: number; credential: { certificate: string; key: never } }[]) =>
      stripBlock(makeBlock({ envelopes: [envelope], signers }), anchors);
    const of = (...ids: number[]) => orderers(...ids) as never;
    assert.equal(decodeBlock(strip(of(4, 3, 2, 1))).metadata.length, 1);
    for (const signers of [
      of(1, 2),
      of(1, 2, 2),
      [...(of(1, 2) as []), { id: 9, credential: at('InsurerMSP').orderer }],
      [...(of(1, 2) as []), { id: 3, credential: at('AuditorMSP').orderer }],
    ]) {
      assert.throws(() => strip(signers as never), /lacks orderer signatures/);
    }
    // A verifier that asks for fewer signatures than the bundle carries must not overlook the surplus.
    const three = await fabricEvidence(network);
    const block = decodeBlock(Buffer.from((three.append as { block: string }).block, 'base64'));
    assert.equal(block.envelopes.length, 2);
    checkEnvelopes(block.envelopes);
    const larger: FabricTrustAnchors = { ...anchors, quorum: 4 };
    const claims = failed({ ...three, trust: trustFingerprint(larger) }, larger);
    assert.deepEqual(claims, ['ordered']);
    const four = await fabricEvidence(
      { ...network, anchors: larger },
      { block: { signers: orderers(1, 2, 3, 4) } },
    );
    assert.deepEqual(failed(four, larger), []);
    assert.deepEqual(failed({ ...four, trust: trustFingerprint(anchors) }), ['ordered']);
  });

  it('refuses a block whose header is of other transactions', async () => {
    const lie = await fabricEvidence(network, { block: { dataHash: randomBytes(32) } });
    assert.deepEqual(failed(lie), ['ordered']);
  });

  it('refuses transactions that are cut elsewhere', () => {
    const made = [1, 2].map(() => makeTransaction({ creator: client, endorsers: [], writes: [] }));
    const joined = Buffer.concat(made.map(({ envelope }) => envelope));
    checkEnvelopes(made.map(({ envelope }) => envelope));
    assert.throws(() => checkEnvelopes([joined]));
    assert.throws(() => checkEnvelopes([joined.subarray(0, 9), joined.subarray(9)]));
  });

  it('refuses parts of other evidence', () => {
    assert.deepEqual(failed(with_(() => ({ salt: other.salt }))), ['content', 'leaf']);
    assert.deepEqual(failed(with_(() => ({ leaf: other.leaf }))), [
      ...['content', 'leaf', 'author', 'inclusion'],
    ]);
    assert.deepEqual(failed(with_(() => ({ append: other.append }))), ['inclusion']);
    assert.deepEqual(failed(with_(() => ({ inclusion: other.inclusion }))), ['inclusion']);
    const { index } = honest.inclusion;
    for (const change of [
      { index: index - 1 },
      { index: index + 1 },
      { size: 12 },
      { hashes: [] },
    ]) {
      const moved = with_(({ inclusion }) => ({ inclusion: { ...inclusion, ...change } }));
      assert.deepEqual(failed(moved), ['inclusion']);
    }
    const { txId } = other.append;
    assert.deepEqual(failed(with_(({ append }) => ({ append: { ...append, txId } }))), [
      'inclusion',
      'append',
      'endorsed',
      'ordered',
    ]);
    for (const change of [{ version: 4 }, { id: 'demo-b' }, { type: 'Person' }]) {
      const renamed = with_(({ resource }) => ({ resource: { ...resource, ...change } }));
      assert.deepEqual(failed(renamed), ['content', 'leaf']);
    }
  });

  it('refuses evidence of another network', () => {
    assert.deepEqual(failed(honest, makeNetwork().anchors), [
      'anchors',
      'append',
      'endorsed',
      'ordered',
    ]);
    const renamed = { ...anchors, channel: 'other' };
    assert.deepEqual(failed(honest, renamed), ['anchors', 'append']);
    assert.deepEqual(failed({ ...honest, trust: 'ab'.repeat(32) }), ['anchors']);
  });

  it('refuses a root that the transaction did not write', async () => {
    const { state } = await record('{}');
    const writes = [{ key: logKey('HospitalMSP'), state }];
    assert.deepEqual(failed(await fabricEvidence(network, { transaction: { writes } })), [
      'inclusion',
    ]);
    const foreign = [{ key: logKey('PharmacyMSP'), state }];
    const [first] = failed(await fabricEvidence(network, { transaction: { writes: foreign } }));
    assert.equal(first, 'inclusion');
  });

  it('refuses anchors that would let anything pass', () => {
    const twice = anchors.consenters.map((each) => ({
      ...each,
      certificate: anchors.consenters[0]!.certificate,
    }));
    const bad: object[] = [
      { quorum: 2 },
      { quorum: 5 },
      { consenters: [], quorum: 0 },
      { consenters: twice },
      { consenters: anchors.consenters.map((each) => ({ ...each, id: 1 })) },
      { endorsement: { required: 0, of: [] } },
      { endorsement: { required: 2, of: ['NobodyMSP'] } },
      { organisations: [{ name: 'a', msp: 'AMSP', rootCertificates: ['no certificate'] }] },
      { format: 'chartseal-trust/2' },
    ];
    for (const change of bad) {
      assert.deepEqual(
        failed(honest, { ...anchors, ...change }),
        ['anchors'],
        JSON.stringify(change),
      );
    }
  });
});

describe('verifyEvidence on the development ledger', () => {
  it('passes and says that it proves nothing about organisations', async () => {
    const { bundle, anchors: trust } = await embeddedEvidence();
    const { verified, claims, notProved } = verifyEvidence(encodeBundle(bundle), trust);
    assert.ok(verified);
    assert.equal(claims.at(-1)!.claim, 'signed');
    assert.match(notProved.join('\n'), /DEVELOPMENT ledger/);
  });

  it('refuses a changed block, a foreign key and the anchors of a real network', async () => {
    const { bundle, anchors: trust } = await embeddedEvidence();
    const stranger = await embeddedEvidence();
    const { append } = bundle as { append: { block: string } };
    const change = (block: string) => ({ ...bundle, append: { ...append, block } });
    assert.deepEqual(failed(change(append.block.replace('"number":4', '"number":5')), trust), [
      'signed',
    ]);
    assert.deepEqual(failed(change(append.block.replace('true', 'false')), trust), [
      'append',
      'signed',
    ]);
    const claims = failed(bundle, stranger.anchors);
    assert.deepEqual(claims, ['anchors', 'signed']);
    assert.deepEqual(failed(bundle, anchors), ['anchors', 'inclusion', 'append']);
    assert.deepEqual(failed(honest, trust), ['anchors', 'inclusion', 'append']);
  });
});
