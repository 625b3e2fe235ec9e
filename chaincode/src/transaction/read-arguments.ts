import { Refusal, scanJson } from '@chartseal/evidence';
import type { Shape } from '@chartseal/evidence/shape';
import type { Context } from './contract-api.ts';
import { ContractError } from './errors.ts';

const MAX_ARGUMENT_BYTES = 256 * 1024;
const MAX_TRANSIENT_BYTES = 8 * 1024 * 1024;

/** The arguments as bytes, without the transaction's name. @throws ContractError `argument-count` */
export function rawArguments(ctx: Context, count: number): readonly Uint8Array[] {
  const args = ctx.stub.getBufferArgs().slice(1);
  if (args.length !== count) {
    throw new ContractError('argument-count', `expected ${count}, got ${args.length}`);
  }
  return args;
}

/** The one JSON argument of a transaction. */
export function onlyArgument<T>(ctx: Context, shape: Shape<T>): T {
  const [bytes] = rawArguments(ctx, 1);
  return readJson(bytes, shape);
}

/**
 * Strict JSON (UTF-8, no duplicate members, at most 64 levels) of exactly the given shape.
 *
 * @throws ContractError `argument-too-large`, `malformed-json`, `invalid-argument`
 */
export function readJson<T>(bytes: Uint8Array | undefined, shape: Shape<T>): T {
  return parse(bytes ?? new Uint8Array(), shape, { name: 'argument', max: MAX_ARGUMENT_BYTES });
}

/** A JSON value that the client put into the transient map: seen here, never written to the ledger. */
export function readTransient<T>(ctx: Context, name: string, shape: Shape<T>): T {
  const bytes = ctx.stub.getTransient().get(name);
  if (bytes === undefined) {
    throw new ContractError('missing-transient', `the transient map holds no ${name}`);
  }
  return parse(bytes, shape, { name, max: MAX_TRANSIENT_BYTES });
}

function parse<T>(bytes: Uint8Array, shape: Shape<T>, limits: { name: string; max: number }): T {
  const { name, max } = limits;
  if (bytes.length > max) {
    throw new ContractError('argument-too-large', `${name} exceeds ${max} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(scanJson(bytes).text);
  } catch {
    throw new ContractError('malformed-json', `${name} is not strict JSON`);
  }
  return readAs(shape, value, name);
}

/** A value of unknown origin as a `T`. @throws ContractError `invalid-argument` naming the member */
export function readAs<T>(shape: Shape<T>, value: unknown, name: string): T {
  try {
    return shape(value, name);
  } catch (error) {
    if (error instanceof Refusal) throw new ContractError('invalid-argument', error.message);
    throw error;
  }
}
