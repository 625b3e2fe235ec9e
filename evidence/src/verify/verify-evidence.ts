import type { EvidenceBundle } from '../evidence-bundle.ts';
import type { LogState } from '../log-state.ts';
import { Refusal } from '../refusal.ts';
import { trustFingerprint, type TrustAnchors } from '../trust-anchors.ts';
import { checkEmbeddedAppend, checkEmbeddedSigned, readEmbeddedAppend } from './check-embedded.ts';
import {
  checkFabricAppend,
  checkFabricEndorsed,
  checkFabricOrdered,
  readFabricAppend,
} from './check-fabric.ts';
import { checkAuthor, namesAuthor } from './check-author.ts';
import { checkContent, checkInclusion, checkLeaf } from './check-version.ts';
import { notProved } from './not-proved.ts';
import { parseAnchors } from './parse-anchors.ts';
import { parseBundle } from './parse-bundle.ts';

/** Each has its place for good, since exit codes count them; they are judged in the order in which they are printed. */
export const CLAIMS = [
  'format', // the file holds a well-formed bundle, written in the one canonical way
  'anchors', // it was made for these trust anchors
  'content', // the bytes are those the leaf commits to
  'leaf', // the leaf records this version in this log
  'inclusion', // the leaf is in the log whose root the transaction wrote
  'append', // the log's organisation signed that transaction
  'endorsed', // peers of enough organisations ran it and signed its result
  'ordered', // a quorum of orderers signed the block that holds it
  'signed', // the development ledger's key signed the block, in place of the two before
  'author', // the version was written by whom the leaf commits to, where it commits to somebody
] as const;
export type ClaimName = (typeof CLAIMS)[number];

export interface Claim {
  readonly claim: ClaimName;
  readonly verdict: 'pass' | 'fail';
  readonly text: string;
}

export interface Verification {
  /** True when every claim passes. */
  readonly verified: boolean;
  readonly claims: readonly Claim[];
  /** Tells what stood around the document in its file and was passed over; empty when there was nothing. */
  readonly notes: readonly string[];
  /** Says what the evidence leaves open even so. */
  readonly notProved: readonly string[];
}

export interface VerifyOptions {
  /** Bytes that someone holds as this version; they must be exactly those of the bundle. */
  readonly resource?: Uint8Array;
}

/**
 * Judges an evidence bundle offline. Never throws: whatever the inputs are, they get a verdict.
 *
 * @param bundle the file's bytes or text, so that its form is judged too; or the object it holds
 * @param anchors trust anchors from a source the caller trusts: bytes, text or object
 * @rule evidence bundle
 */
export function verifyEvidence(
  bundle: unknown,
  anchors: unknown,
  options: VerifyOptions = {},
): Verification {
  const parsed = judge('format', () => parseBundle(bundle));
  const trusted = judge('anchors', () => parseAnchors(anchors));
  const claims =
    parsed.value === undefined || trusted.value === undefined
      ? [parsed, trusted].map((each) =>
          each.value === undefined ? each : pass(each.claim, 'can be read'),
        )
      : [
          pass('format', parsed.value.bundle.format),
          ...judgeBundle(parsed.value.bundle, trusted.value, options.resource),
        ];
  return {
    verified: claims.every(({ verdict }) => verdict === 'pass'),
    claims: claims.map(({ claim, verdict, text }) => ({ claim, verdict, text })),
    notes: parsed.value?.notes ?? [],
    notProved: notProved(parsed.value?.bundle),
  };
}

function judgeBundle(bundle: EvidenceBundle, anchors: TrustAnchors, held?: Uint8Array): Claim[] {
  const ledger = ledgerClaims(bundle, anchors);
  return [
    check('anchors', () => {
      if (bundle.trust !== trustFingerprint(anchors) || bundle.append.ledger !== anchors.ledger) {
        throw new Refusal('the evidence was made for other trust anchors');
      }
      return `${anchors.ledger} channel ${anchors.channel}, fingerprint ${bundle.trust.slice(0, 16)}…`;
    }),
    check('content', () => checkContent(bundle, held)),
    check('leaf', () => checkLeaf(bundle)),
    ...(namesAuthor(bundle) ? [check('author', () => checkAuthor(bundle))] : []),
    check('inclusion', () => checkInclusion(bundle, ledger.state())),
    ...ledger.claims(),
  ];
}

interface LedgerClaims {
  /** The log state that the append wrote. */
  readonly state: () => LogState;
  readonly claims: () => Claim[];
}

function ledgerClaims(bundle: EvidenceBundle, anchors: TrustAnchors): LedgerClaims {
  const { append, inclusion } = bundle;
  if (append.ledger === 'fabric' && anchors.ledger === 'fabric') {
    const read = once(() => readFabricAppend({ ...bundle, append }, anchors));
    return {
      state: () => read().state,
      claims: () => [
        check('append', () => checkFabricAppend(read(), inclusion.log, anchors)),
        check('endorsed', () => checkFabricEndorsed(read(), inclusion.log, anchors)),
        check('ordered', () => checkFabricOrdered(read(), anchors)),
      ],
    };
  }
  if (append.ledger === 'embedded' && anchors.ledger === 'embedded') {
    const read = once(() => readEmbeddedAppend({ ...bundle, append }));
    return {
      state: () => read().state,
      claims: () => [
        check('append', () => checkEmbeddedAppend(read(), inclusion.log)),
        check('signed', () => checkEmbeddedSigned(append, anchors)),
      ],
    };
  }
  const refuse = (): never => {
    throw new Refusal('the trust anchors are of another kind of ledger');
  };
  return { state: refuse, claims: () => [check('append', refuse)] };
}

function pass(claim: ClaimName, text: string): Claim {
  return { claim, verdict: 'pass', text };
}

function check(claim: ClaimName, find: () => string): Claim {
  const { verdict, text, value } = judge(claim, find);
  return { claim, verdict, text: value ?? text };
}

function judge<T>(claim: ClaimName, find: () => T): Claim & { readonly value?: T } {
  try {
    return { claim, verdict: 'pass', text: '', value: find() };
  } catch (error) {
    const text = error instanceof Refusal ? error.message : 'it cannot be judged as it stands';
    return { claim, verdict: 'fail', text };
  }
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: find() }).value;
}
