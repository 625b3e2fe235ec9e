import { status } from '@grpc/grpc-js';
import { GatewayError, StatusCode, type Status } from '@hyperledger/fabric-gateway';
import { LedgerError } from '../errors.ts';

/** The message of a chaincode's own refusal, as a peer's gateway reports it: `code: text` behind this. */
const REFUSAL = /^chaincode response \d+, (.*)$/s;
const CONTRACT_CODE = /(?:^|\s)([a-z][a-z0-9]*(?:-[a-z0-9]+)*): /;

const NAMES = new Map<number, string>(
  Object.entries(StatusCode).map(([name, code]) => [code, name]),
);

/** The orderers cannot have seen a transaction that our own peer turned away with one of these. */
const NOT_FORWARDED: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
]);

/** Failures of the connection to our own peer, not of what was asked. */
const TRANSPORT: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

export function isTransportFailure(error: unknown): boolean {
  return error instanceof GatewayError && TRANSPORT.has(error.code) && error.details.length === 0;
}

/**
 * The refusal of the chaincode on our own organisation's peer: final. A refusal by another organisation's peer
 * alone may only mean that it lags behind, so it is worth asking again.
 */
export function ownRefusal(error: unknown, msp: string): LedgerError | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  const own = error.details.find(({ mspId, message }) => mspId === msp && REFUSAL.test(message));
  const refusal = own === undefined ? undefined : REFUSAL.exec(own.message)?.[1];
  if (refusal === undefined) return undefined;
  const contractCode = CONTRACT_CODE.exec(refusal)?.[1];
  return new LedgerError('endorse', 'the chaincode refused the transaction', {
    ...(contractCode !== undefined && { contractCode }),
    cause: error,
  });
}

/** Orderers refuse a transaction that they have ordered before, so a repeated submission ends like this. */
export function isOrderedBefore(error: unknown): boolean {
  return mentions(error, 'request already processed');
}

/** The answer of qscc, which has no code for it. */
export function isNoSuchTransaction(error: unknown): boolean {
  return mentions(error, 'no such transaction ID');
}

export function unavailable(cause: unknown): LedgerError {
  return new LedgerError('unavailable', 'the ledger cannot be used now', { cause });
}

export function submitFailure(txId: string, cause: unknown): LedgerError {
  if (cause instanceof GatewayError && NOT_FORWARDED.has(cause.code)) {
    return new LedgerError('submit', 'the transaction was not ordered', { txId, cause });
  }
  // Some orderers may hold the transaction and order it later.
  return commitUnknown(txId, cause);
}

export function commitUnknown(txId: string, cause: unknown): LedgerError {
  return new LedgerError('commit-unknown', 'nobody knows yet whether the transaction was ordered', {
    txId,
    cause,
  });
}

export function commitInvalid(txId: string, code: Status['code']): LedgerError {
  return new LedgerError('commit-invalid', 'the transaction was ordered without effect', {
    txId,
    validationCode: NAMES.get(code) ?? `code ${code}`,
  });
}

function mentions(error: unknown, text: string): boolean {
  if (!(error instanceof GatewayError)) return false;
  return [error.message, ...error.details.map(({ message }) => message)].some((message) =>
    message.includes(text),
  );
}
