import {
  appendToFrontier,
  frontierRoot,
  HASH_BYTES,
  logKey,
  type LogState,
} from '@chartseal/evidence';
import { callingOrganisation } from '../transaction/caller.ts';
import { Contract, type Context } from '../transaction/contract-api.ts';
import { ContractError } from '../transaction/errors.ts';
import { custodianPolicy } from '../transaction/key-policy.ts';
import { onlyArgument, rawArguments, readJson } from '../transaction/read-arguments.ts';
import { canonical, readState, writeKept } from '../transaction/world-state.ts';
import { appendArguments, logOf, type AppendResult } from './arguments.ts';

const MAX_LEAVES = 2000;
const EMPTY: LogState = { size: 0, root: '', frontier: [] };

/**
 * The evidence logs, one per organisation, as RFC 6962 Merkle trees. The append rule runs here, on peers of
 * several organisations, so that no organisation can rewrite, shorten or fork its own log.
 *
 * @rule Merkle log
 */
export class LogContract extends Contract {
  constructor() {
    super('log');
  }

  /** Appends leaf hashes to the caller's log. @throws ContractError `size-mismatch` */
  async append(ctx: Context): Promise<string> {
    const msp = callingOrganisation(ctx);
    const [json, hashes] = rawArguments(ctx, 2);
    const { prevSize } = readJson(json, appendArguments);
    const leaves = split(hashes ?? new Uint8Array());

    const before = (await readState<LogState>(ctx, logKey(msp))) ?? EMPTY;
    if (before.size !== prevSize) {
      throw new ContractError('size-mismatch', `the log holds ${before.size} leaves`);
    }
    const { size, frontier } = appendToFrontier(
      { size: before.size, frontier: before.frontier.map((hash) => Buffer.from(hash, 'hex')) },
      leaves,
    );
    const after: LogState = {
      size,
      root: hex(frontierRoot(frontier)),
      frontier: frontier.map(hex),
    };
    const policy = custodianPolicy(msp, ctx.stub.membership);
    await writeKept(ctx, logKey(msp), { value: after, policy });
    const result: AppendResult = { size: after.size, root: after.root };
    return canonical(result);
  }

  /** State of an organisation's log, `null` before its first append. */
  async head(ctx: Context): Promise<string> {
    callingOrganisation(ctx);
    const { msp } = onlyArgument(ctx, logOf);
    return canonical((await readState<LogState>(ctx, logKey(msp))) ?? null);
  }
}

function split(bytes: Uint8Array): readonly Uint8Array[] {
  const count = bytes.length / HASH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_LEAVES) {
    throw new ContractError('invalid-argument', `hashes must be 1 to ${MAX_LEAVES} times 32 bytes`);
  }
  return Array.from({ length: count }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
