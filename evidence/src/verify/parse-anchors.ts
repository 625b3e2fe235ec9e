import { createPublicKey } from 'node:crypto';
import { readCertificate } from '../fabric/identity.ts';
import { Refusal } from '../refusal.ts';
import { anyText, count, list, literal, object, type Shape } from '../shape.ts';
import type { EmbeddedTrustAnchors, FabricTrustAnchors, TrustAnchors } from '../trust-anchors.ts';
import { decodeText, parseJson } from './parse-bundle.ts';
import { withoutSurroundingSpace } from './surrounding-space.ts';

const common = {
  format: literal('chartseal-trust/1'),
  channel: anyText,
  chaincode: anyText,
} as const;

const fabric: Shape<FabricTrustAnchors> = object({
  ...common,
  ledger: literal('fabric'),
  organisations: list(
    object({ name: anyText, msp: anyText, rootCertificates: list(anyText, 100) }),
    1_000,
  ),
  consenters: list(object({ id: count, msp: anyText, certificate: anyText }), 1_000),
  quorum: count,
  endorsement: object({ required: count, of: list(anyText, 1_000) }),
});

const embedded: Shape<EmbeddedTrustAnchors> = object({
  ...common,
  ledger: literal('embedded'),
  publicKey: anyText,
});

/**
 * Reads trust anchors from their file, in any JSON formatting, or from the object it holds.
 *
 * @throws Refusal, also when they would let evidence pass that nobody vouches for
 */
export function parseAnchors(input: unknown): TrustAnchors {
  const isText = typeof input === 'string' || input instanceof Uint8Array;
  const value = isText
    ? parseJson(withoutSurroundingSpace(decodeText(input)).text, 'the trust anchors file')
    : input;
  if ((value as { ledger?: unknown } | null)?.ledger === 'embedded') {
    const anchors = embedded(value, '');
    if (ed25519Key(anchors.publicKey) === undefined) {
      throw new Refusal('publicKey must be a PEM Ed25519 public key');
    }
    return anchors;
  }
  const anchors = fabric(value, '');
  for (const certificate of [
    ...anchors.organisations.flatMap((each) => each.rootCertificates),
    ...anchors.consenters.map((each) => each.certificate),
  ]) {
    readCertificate(certificate);
  }
  checkCounts(anchors);
  return anchors;
}

function checkCounts({ consenters, quorum, endorsement, organisations }: FabricTrustAnchors): void {
  const signers = new Set(consenters.map(({ id }) => id));
  const keys = new Set(
    consenters.map(({ certificate }) => readCertificate(certificate).fingerprint256),
  );
  if (signers.size !== consenters.length || keys.size !== consenters.length) {
    throw new Refusal('consenters must each have an id and a certificate of their own');
  }
  // Fewer than two thirds could be outvoted by orderers that sign two different blocks.
  const faulty = Math.floor((consenters.length - 1) / 3);
  const least = Math.ceil((consenters.length + faulty + 1) / 2);
  if (consenters.length === 0 || quorum < least || quorum > consenters.length) {
    throw new Refusal(`quorum must be from ${least} to ${consenters.length}`);
  }
  const known = new Set(organisations.map(({ msp }) => msp));
  if (known.size !== organisations.length || endorsement.of.some((msp) => !known.has(msp))) {
    throw new Refusal('endorsement.of must name organisations, each given once');
  }
  if (endorsement.required < 1) throw new Refusal('endorsement.required must be at least 1');
}

export function ed25519Key(pem: string) {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
