import { canonicalJson, type CanonicalValue } from '@chartseal/evidence';
import type { Context } from './contract-api.ts';
import { ContractError } from './errors.ts';

/** Stands at a key that is kept under a policy before anything is written there. */
const RESERVED = 'null';

/** A value this chaincode wrote, so its shape is trusted; undefined when the key is absent or only reserved. */
export async function readState<T>(ctx: Context, key: string): Promise<T | undefined> {
  const bytes = await ctx.stub.getState(key);
  if (bytes.length === 0) return undefined;
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as T | null) ?? undefined;
  } catch {
    throw new ContractError('corrupt-state', 'a value of this chaincode is not readable');
  }
}

/** Writes canonical JSON, so that every endorsing peer writes the same bytes. */
export async function writeState(ctx: Context, key: string, value: object): Promise<void> {
  await ctx.stub.putState(key, Buffer.from(canonical(value), 'utf8'));
}

/**
 * Writes a key that nobody else may write: from this transaction on what is written there must satisfy `policy`, bytes
 * of a `SignaturePolicyEnvelope`. Another write of the key in the same block is invalid.
 */
export async function writeKept(
  ctx: Context,
  key: string,
  { value, policy }: { readonly value: object; readonly policy: Uint8Array },
): Promise<void> {
  await writeState(ctx, key, value);
  await ctx.stub.setStateValidationParameter(key, policy);
}

/** Puts the key under the policy. Returns 0 when nothing is there, or the policy stands there already; otherwise 1. */
export async function bringUnder(
  ctx: Context,
  key: string,
  { policy, reserve }: { readonly policy: Uint8Array; readonly reserve: boolean },
): Promise<number> {
  const bytes = await ctx.stub.getState(key);
  if (bytes.length === 0) {
    // A policy can only stand at a key that is there.
    if (!reserve) return 0;
    await ctx.stub.putState(key, Buffer.from(RESERVED, 'utf8'));
  } else {
    const current = (await ctx.stub.getStateValidationParameter(key)) as Uint8Array | undefined;
    if (current !== undefined && Buffer.compare(current, policy) === 0) return 0;
  }
  await ctx.stub.setStateValidationParameter(key, policy);
  return 1;
}

export function canonical(value: object | null): string {
  return canonicalJson(value as CanonicalValue);
}
