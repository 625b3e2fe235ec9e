import { logKey } from '@chartseal/evidence';
import { consentKey, policyKey } from '../consent/state.ts';
import { disclosureKey } from '../disclosure/state.ts';
import { callingOrganisation } from '../transaction/caller.ts';
import { Contract, type Context } from '../transaction/contract-api.ts';
import { auditedPolicy, custodianPolicy } from '../transaction/key-policy.ts';
import { onlyArgument } from '../transaction/read-arguments.ts';
import { bringUnder, canonical } from '../transaction/world-state.ts';
import { keepArguments, keepHeadsArguments, type KeepResult } from './arguments.ts';

/**
 * Brings a custodian's keys under the policy that nobody can write them without its own peer.
 *
 * @rule custody
 */
export class CustodyContract extends Contract {
  constructor() {
    super('custody');
  }

  /**
   * Brings the caller's log, disclosure record and policy under their policies, reserving those that are not there yet.
   * Writes nothing where all is kept already.
   */
  async keep(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    onlyArgument(ctx, keepArguments);
    const own = custodianPolicy(custodian, ctx.stub.membership);
    const audited = auditedPolicy(custodian, ctx.stub.membership);
    return bringAll(ctx, [
      { key: disclosureKey(custodian), policy: own, reserve: true },
      { key: logKey(custodian), policy: own, reserve: true },
      { key: policyKey(custodian), policy: audited, reserve: true },
    ]);
  }

  /** The same for the consent heads of these patients: a transaction of its own, as the keys above change all the time. */
  async keepHeads(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    const { subjects, reserve } = onlyArgument(ctx, keepHeadsArguments);
    const policy = custodianPolicy(custodian, ctx.stub.membership);
    return bringAll(
      ctx,
      [...new Set(subjects)].map((subject) => ({
        key: consentKey(custodian, subject),
        ...{ policy, reserve },
      })),
    );
  }
}

async function bringAll(
  ctx: Context,
  keys: readonly { readonly key: string; readonly policy: Uint8Array; readonly reserve: boolean }[],
): Promise<string> {
  let brought = 0;
  for (const { key, ...how } of keys) brought += await bringUnder(ctx, key, how);
  const result: KeepResult = { brought };
  return canonical(result);
}
