import { author } from '../author.ts';
import { canonicalJson, type CanonicalValue } from '../canonical.ts';
import type { EmbeddedBlock, EvidenceBundle } from '../evidence-bundle.ts';
import type { Leaf } from '../leaf.ts';
import type { LogState } from '../log-state.ts';
import { Refusal } from '../refusal.ts';
import {
  anyText,
  base64,
  count,
  flag,
  hash,
  list,
  literal,
  object,
  text,
  type Shape,
} from '../shape.ts';
import { withoutSurroundingSpace } from './surrounding-space.ts';

const mspId = text(/^[A-Za-z0-9._-]{1,100}$/, 'an MSP id');
const pseudonym = text(/^[0-9a-f]{32}$/, '32 lower-case hex digits');
const txId = text(/^[A-Za-z0-9-]{1,128}$/, 'a transaction id');

const proof: Shape<EvidenceBundle['append']> = (value, path) => {
  const ledger = (value as { ledger?: unknown } | null)?.ledger;
  return ledger === 'embedded'
    ? object({ ledger: literal('embedded'), txId, block: anyText, signature: base64 })(value, path)
    : object({ ledger: literal('fabric'), txId, block: base64 })(value, path);
};

const bundle: Shape<EvidenceBundle> = object(
  {
    format: literal('chartseal-evidence/1'),
    resource: object({
      type: text(/^[A-Z][A-Za-z]{0,63}$/, 'a resource type'),
      id: text(/^[A-Za-z0-9.-]{1,64}$/, 'a FHIR id'),
      version: count,
      deleted: flag,
      content: base64,
    }),
    leaf: base64,
    salt: hash,
    inclusion: object({ log: mspId, index: count, size: count, hashes: list(hash, 64) }),
    append: proof,
    trust: hash,
  },
  { author: object({ written: author, salt: hash }) },
);

const leaf: Shape<Leaf> = object(
  {
    v: literal(1),
    kind: literal('version'),
    log: mspId,
    commit: hash,
    at: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'an instant in UTC with milliseconds'),
    resource: pseudonym,
    seq: count,
  },
  { subject: pseudonym, prev: hash, tx: txId, author: hash },
);

const logState: Shape<LogState> = object({ size: count, root: hash, frontier: list(hash, 64) });

const embeddedBlock: Shape<EmbeddedBlock> = object({
  number: count,
  previous: text(/^([0-9a-f]{64})?$/, 'a hash, or empty'),
  transactions: list(
    object({
      txId,
      valid: flag,
      creator: anyText,
      writes: list(object({ key: anyText, value: anyText }), 100_000),
    }),
    100_000,
  ),
});

export interface ReadBundle {
  readonly bundle: EvidenceBundle;
  /** Tells what stood around the document in its file and was passed over. */
  readonly notes: readonly string[];
}

/**
 * Reads a bundle from its file, or from the object it holds. The document in the file must be canonical JSON to the
 * byte; white space around it, as shells, editors and mail add it, is passed over and noted.
 *
 * @throws Refusal
 */
export function parseBundle(input: unknown): ReadBundle {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    const { text, notes } = withoutSurroundingSpace(decodeText(input));
    return { bundle: parseCanonical(text, 'the file', bundle), notes };
  }
  return { bundle: bundle(input, ''), notes: [] };
}

export function parseVersionLeaf(bytes: Uint8Array): Leaf {
  return parseCanonical(decodeText(bytes), 'leaf', leaf);
}

export function parseLogState(json: Uint8Array | string): LogState {
  return parseCanonical(decodeText(json), 'the log state', logState);
}

export function parseEmbeddedBlock(json: string): EmbeddedBlock {
  return parseCanonical(json, 'append.block', embeddedBlock);
}

/** JSON of unknown origin. @throws Refusal naming `what` */
export function parseJson(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Refusal(`${what} is not JSON`);
  }
}

export function decodeText(input: string | Uint8Array): string {
  if (typeof input === 'string') return input;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
  } catch {
    throw new Refusal('a text is not UTF-8');
  }
}

function parseCanonical<T>(json: string, what: string, shape: Shape<T>): T {
  const value = shape(parseJson(json, what), what === 'the file' ? '' : what);
  if (canonicalJson(value as CanonicalValue) !== json) {
    throw new Refusal(`${what} is not canonical JSON`);
  }
  return value;
}
