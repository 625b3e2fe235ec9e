import type { ContractName } from '@chartseal/chaincode';
import { canonicalJson, type CanonicalValue } from '@chartseal/evidence';
import type { Shape } from '@chartseal/evidence/shape';
import type { Call, Channel, PreparedTransaction } from '../channel.ts';
import { LedgerError } from '../errors.ts';

/** A transaction that was endorsed, not yet ordered, and what the chaincode says it will have done. */
export interface Prepared<Result> {
  readonly transaction: Pick<PreparedTransaction, 'txId' | 'bytes'>;
  readonly result: Result;
}

/** Endorsed by at least two organisations, with a result of the declared shape. Errors are those of the channel. */
export async function prepare<Result>(
  channel: Pick<Channel, 'prepare'>,
  call: Call,
  shape: Shape<Result>,
): Promise<Prepared<Result>> {
  const { txId, bytes, result } = await channel.prepare(call);
  return { transaction: { txId, bytes }, result: read(result, shape) };
}

/**
 * Returns what our own peer's state says, possibly behind; undefined when it holds nothing. Errors are those of the
 * channel.
 */
export async function evaluate<Result>(
  channel: Pick<Channel, 'evaluate'>,
  call: Call,
  shape: Shape<Result>,
): Promise<Result | undefined> {
  return read(await channel.evaluate(call), (value, path) =>
    value === null ? undefined : shape(value, path),
  );
}

export function callOf(contract: ContractName, transaction: string, args: Call['args']): Call {
  return { contract, transaction, args };
}

/** Canonical, because endorsing peers check commitments over these bytes' values. */
export function json(value: object): string {
  return canonicalJson(value as unknown as CanonicalValue);
}

/** Refuses any result but one of the declared shape. @throws LedgerError `endorse` with code `unreadable-result` */
function read<T>(bytes: Uint8Array, shape: Shape<T>): T {
  try {
    return shape(JSON.parse(Buffer.from(bytes).toString('utf8')), 'result');
  } catch (cause) {
    throw new LedgerError('endorse', 'the chaincode returned a result of an unknown shape', {
      contractCode: 'unreadable-result',
      cause,
    });
  }
}
