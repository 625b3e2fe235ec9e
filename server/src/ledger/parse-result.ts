import type {
  AppendResult,
  ConsentHead,
  DiscloseResult,
  OverarchingPolicy,
} from '@chartseal/chaincode';
import type { LogState } from '@chartseal/evidence';
import { LedgerError } from './errors.ts';

type Members = Readonly<Record<string, unknown>>;
type Read<T> = (value: unknown) => T;

const HASH = /^[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const IMPLICIT = ['basic-normal', 'all-normal', 'break-glass-only', 'deny'] as const;
const OUTCOMES = ['permit', 'deny', 'stale'] as const;

/**
 * Reads a result of the chaincode and refuses anything but its declared shape.
 *
 * @throws LedgerError `endorse` with code `unreadable-result`
 */
export function parseResult<T>(bytes: Uint8Array, read: Read<T>): T {
  try {
    return read(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new LedgerError('endorse', 'the chaincode returned a result of an unknown shape', {
      contractCode: 'unreadable-result',
      cause,
    });
  }
}

export function orNull<T>(read: Read<T>): Read<T | undefined> {
  return (value) => (value === null ? undefined : read(value));
}

export const readAppendResult: Read<AppendResult> = (value) => {
  const members = object(value, ['size', 'root']);
  return { size: count(members['size']), root: hash(members['root']) };
};

export const readLogState: Read<LogState> = (value) => {
  const members = object(value, ['size', 'root', 'frontier']);
  return {
    size: count(members['size']),
    root: hash(members['root']),
    frontier: list(members['frontier'], hash),
  };
};

export const readConsentHead: Read<ConsentHead> = (value) => {
  const members = object(value, ['epoch', 'commitment']);
  return { epoch: count(members['epoch']), commitment: hash(members['commitment']) };
};

export const readPolicy: Read<OverarchingPolicy> = (value) => {
  const members = object(value, ['version', 'implicit', 'organization']);
  return {
    version: count(members['version']),
    implicit: oneOf(members['implicit'], IMPLICIT),
    organization: text(members['organization']),
  };
};

export function readDiscloseResult(expected: number): Read<DiscloseResult> {
  return (value) => {
    const members = object(value, ['at', 'policyVersion', 'decisions']);
    const at = text(members['at']);
    if (!INSTANT.test(at)) throw new TypeError('not an instant');
    const decisions = list(members['decisions'], readDecided);
    if (decisions.length !== expected) throw new TypeError('not one decision per request');
    return { at, policyVersion: count(members['policyVersion']), decisions };
  };
}

function readDecided(value: unknown): DiscloseResult['decisions'][number] {
  const members = object(value, ['outcome', 'epoch'], ['commitment']);
  const outcome = oneOf(members['outcome'], OUTCOMES);
  const epoch = count(members['epoch']);
  if (outcome === 'stale') {
    if (members['commitment'] !== undefined) throw new TypeError('a stale decision is committed');
    return { outcome, epoch };
  }
  return { outcome, epoch, commitment: hash(members['commitment']) };
}

function object(
  value: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('not an object');
  }
  const names = Object.keys(value);
  const known = names.every((name) => required.includes(name) || optional.includes(name));
  if (!known || !required.every((name) => names.includes(name))) {
    throw new TypeError('not the declared members');
  }
  return value as Members;
}

function list<T>(value: unknown, read: Read<T>): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value.map((item) => read(item));
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a string');
  return value;
}

function hash(value: unknown): string {
  const hex = text(value);
  if (!HASH.test(hex)) throw new TypeError('not a SHA-256 value');
  return hex;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError('not a count');
  }
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw new TypeError('not an allowed value');
  return found;
}
