import { canonicalJson, type CanonicalValue } from '@chartseal/evidence';
import type { Context } from './contract-api.ts';
import { ContractError } from './errors.ts';

/** A value this chaincode wrote, so its shape is trusted; undefined when the key is absent. */
export async function readState<T>(ctx: Context, key: string): Promise<T | undefined> {
  const bytes = await ctx.stub.getState(key);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
  } catch {
    throw new ContractError('corrupt-state', 'a value of this chaincode is not readable');
  }
}

/** Writes canonical JSON, so that every endorsing peer writes the same bytes. */
export async function writeState(ctx: Context, key: string, value: object): Promise<void> {
  await ctx.stub.putState(key, Buffer.from(canonical(value), 'utf8'));
}

export function canonical(value: object | null): string {
  return canonicalJson(value as CanonicalValue);
}
