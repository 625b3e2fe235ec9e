import { callingOrganisation } from '../transaction/caller.ts';
import { Contract, type Context } from '../transaction/contract-api.ts';
import { ContractError } from '../transaction/errors.ts';
import { auditedPolicy, custodianPolicy } from '../transaction/key-policy.ts';
import { onlyArgument, readTransient } from '../transaction/read-arguments.ts';
import { canonical, readState, writeKept } from '../transaction/world-state.ts';
import {
  headOf,
  openedConsentSet,
  policyOf,
  recordConsentArguments,
  type ConsentHead,
} from './arguments.ts';
import { opens } from './opened-set.ts';
import { overarchingPolicy, type OverarchingPolicy } from './overarching-policy.ts';
import { consentKey, policyKey } from './state.ts';

/**
 * Keeps what patients allow, as commitments, and each custodian's overarching policy. A custodian records for its own
 * patients only.
 *
 * @rule Consent, overarching policy
 */
export class ConsentContract extends Contract {
  constructor() {
    super('consent');
  }

  /** Replaces one patient's consent set. @throws ContractError `epoch-mismatch`, `commitment-mismatch` */
  async record(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    const { subject, epoch, commitment } = onlyArgument(ctx, recordConsentArguments);
    const opened = readTransient(ctx, 'consents', openedConsentSet);
    if (!opens(opened, commitment)) {
      throw new ContractError('commitment-mismatch', 'the consents do not open the commitment');
    }
    const key = consentKey(custodian, subject);
    const current = (await readState<ConsentHead>(ctx, key))?.epoch ?? 0;
    if (epoch !== current + 1) {
      throw new ContractError('epoch-mismatch', `the current epoch is ${current}`);
    }
    const head: ConsentHead = { epoch, commitment };
    const kept = custodianPolicy(custodian, ctx.stub.membership);
    await writeKept(ctx, key, { value: head, policy: kept });
    return canonical(head);
  }

  /** `null` when the patient has no consent set. */
  async head(ctx: Context): Promise<string> {
    callingOrganisation(ctx);
    const { custodian, subject } = onlyArgument(ctx, headOf);
    return canonical((await readState<ConsentHead>(ctx, consentKey(custodian, subject))) ?? null);
  }

  /** Puts the caller's overarching policy in force. @throws ContractError `version-mismatch` */
  async setPolicy(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    const policy = onlyArgument(ctx, overarchingPolicy);
    const key = policyKey(custodian);
    const current = (await readState<OverarchingPolicy>(ctx, key))?.version ?? 0;
    if (policy.version !== current + 1) {
      throw new ContractError('version-mismatch', `the current version is ${current}`);
    }
    const kept = auditedPolicy(custodian, ctx.stub.membership);
    await writeKept(ctx, key, { value: policy, policy: kept });
    return canonical(policy);
  }

  /** `null` when the custodian has set none; then nothing is permitted without a consent. */
  async policy(ctx: Context): Promise<string> {
    callingOrganisation(ctx);
    const { custodian } = onlyArgument(ctx, policyOf);
    return canonical((await readState<OverarchingPolicy>(ctx, policyKey(custodian))) ?? null);
  }
}
