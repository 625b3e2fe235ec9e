import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { authorCommitment, type Author } from '../../src/author.ts';
import { canonicalJson } from '../../src/canonical.ts';
import { commitment } from '../../src/commitment.ts';
import { encodeBundle, type EvidenceBundle } from '../../src/evidence-bundle.ts';
import { encodeLeaf, leafHash, type Leaf } from '../../src/leaf.ts';
import { CLAIMS, verifyEvidence, type ClaimName } from '../../src/verify/verify-evidence.ts';
import { embeddedEvidence, fabricEvidence } from '../support/synthetic-evidence.ts';
import { makeNetwork } from '../support/synthetic-fabric.ts';

const network = makeNetwork();
const { anchors } = network;
const honest = await fabricEvidence(network);
const other = await fabricEvidence(network);
const { author } = honest;
assert.ok(author);

function failed(bundle: unknown): ClaimName[] {
  const { claims, verified } = verifyEvidence(bundle, anchors);
  const names = claims.filter(({ verdict }) => verdict === 'fail').map(({ claim }) => claim);
  assert.equal(verified, names.length === 0);
  return names;
}

function unnamed<T extends { readonly author?: unknown }>(of: T): T {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name !== 'author')) as T;
}

/** The file with another author in it, or without one. */
function by(changed: EvidenceBundle['author']): string {
  return encodeBundle(changed === undefined ? unnamed(honest) : { ...honest, author: changed });
}

const written = (change: Partial<Author>): string =>
  by({ ...author, written: { ...author.written, ...change } });

describe('the author of a version', () => {
  it('is named by a claim of its own', () => {
    const { claims, notProved } = verifyEvidence(encodeBundle(honest), anchors);
    const { verdict, text } = claims.find(({ claim }) => claim === 'author')!;
    assert.equal(verdict, 'pass');
    assert.equal(
      text,
      'Practitioner/doctor (practitioner of Organization/hospital, HospitalMSP) wrote it through chart-app for TREAT, request order-17, as the server of HospitalMSP says',
    );
    assert.ok(notProved.some((line) => line.includes('its author is who the leaf says')));
    assert.equal(CLAIMS.at(-1), 'author');
  });

  const forgeries: [string, string][] = [
    ['another person', written({ practitioner: 'Practitioner/other-doctor' })],
    ['another role', written({ role: 'admin' })],
    ['another login', written({ subject: 'docter' })],
    ['another client', written({ client: 'chart-apq' })],
    ['another organisation', written({ organization: 'Organization/pharmacy' })],
    ['another member of the channel', written({ msp: 'PharmacyMSP' })],
    ['another purpose', written({ purposes: ['HPAYMT'] })],
    ['one purpose more', written({ purposes: ['TREAT', 'HPAYMT'] })],
    ['another request', written({ request: 'order-18' })],
    ['a patient besides', written({ patient: 'Patient/demo-a' })],
    ['the author of another version', by(other.author)],
    [
      'the same author under the salt of another version',
      by({ ...author, salt: other.author!.salt }),
    ],
    ['the same author under the salt of the version', by({ ...author, salt: honest.salt })],
    ['nobody', by(undefined)],
  ];
  for (const [what, file] of forgeries) {
    it(`is refused where it is ${what}`, () => assert.deepEqual(failed(file), ['author']));
  }

  it('is refused in every changed character that leaves it well-formed', () => {
    const text = encodeBundle(honest);
    const from = text.indexOf('"author":');
    const to = text.indexOf('"format":');
    assert.ok(from > 0 && to > from);
    for (let position = from; position < to; position += 1) {
      const next = text.charCodeAt(position) + 1;
      const changed =
        text.slice(0, position) + String.fromCharCode(next) + text.slice(position + 1);
      const [claim] = failed(changed);
      assert.ok(claim === 'author' || claim === 'format', `character ${position}: ${claim}`);
    }
  });

  it('cannot be added to, or taken out of, a leaf that is on the ledger', async () => {
    const leaf = JSON.parse(Buffer.from(honest.leaf, 'base64').toString('utf8')) as Leaf;
    const replaced = { ...leaf, author: other.author && authorCommitment(other.author) } as Leaf;
    const asLeaf = (changed: Leaf) => Buffer.from(encodeLeaf(changed)).toString('base64');
    assert.deepEqual(failed({ ...honest, leaf: asLeaf(replaced), author: other.author }), [
      'inclusion',
    ]);
    assert.deepEqual(failed({ ...unnamed(honest), leaf: asLeaf(unnamed(leaf)) }), ['inclusion']);

    const old = await fabricEvidence(network, { leaf: { author: undefined } });
    assert.deepEqual(failed(old), ['author'], 'one who is named beside a leaf that names nobody');
  });

  it('is not opened by the salt of the version, nor the version by the salt of the author', () => {
    const content = Buffer.from(honest.resource.content, 'base64');
    const leaf = JSON.parse(Buffer.from(honest.leaf, 'base64').toString('utf8')) as Leaf;
    const salts = {
      version: Buffer.from(honest.salt, 'hex'),
      author: Buffer.from(author.salt, 'hex'),
    };
    const text = canonicalJson(author.written as never);
    assert.equal(commitment(salts.author, text), leaf.author);
    assert.notEqual(commitment(salts.version, text), leaf.author);
    assert.equal(commitment(salts.version, content), leaf.commit);
    assert.notEqual(commitment(salts.author, content), leaf.commit);
  });

  it('is never shown by characters that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const claims = failed({
          ...honest,
          author: { ...author, written: { ...author.written, client: name } },
        });
        const printable = /^[\x20-\x7e]{1,4096}$/.test(name);
        assert.deepEqual(claims, name === 'chart-app' ? [] : [printable ? 'author' : 'format']);
      }),
    );
  });

  it('is named in evidence of the development ledger too', async () => {
    const { bundle, anchors: trust } = await embeddedEvidence();
    assert.ok(verifyEvidence(encodeBundle(bundle), trust).verified);
    const { claims } = verifyEvidence(encodeBundle(unnamed(bundle)), trust);
    assert.deepEqual(
      claims.filter(({ verdict }) => verdict === 'fail').map(({ claim }) => claim),
      ['author'],
    );
  });
});

describe('evidence of a server that committed to no author', () => {
  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));

  it('verifies as before, and says that the writer is not proved', () => {
    const result = verifyEvidence(fixture('patient.evidence'), fixture('anchors.json'));
    assert.ok(result.verified);
    assert.ok(result.claims.every(({ claim }) => claim !== 'author'));
    assert.ok(result.notProved.some((line) => line.startsWith('who wrote it')));
  });

  it('has leaves with the bytes and the hash they had', () => {
    const { leaf } = JSON.parse(fixture('patient.evidence').toString('utf8')) as EvidenceBundle;
    const bytes = Buffer.from(leaf, 'base64');
    const again = encodeLeaf(JSON.parse(bytes.toString('utf8')) as Leaf);
    assert.deepEqual(Buffer.from(again), bytes);
    assert.equal(
      Buffer.from(leafHash(again)).toString('hex'),
      '2ada2e8c100d9b8d1d6aad5e69b219b60e1f5df3a60dd6af7403743f05fda76e',
    );
  });
});
