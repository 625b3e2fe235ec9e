import { callingOrganisation } from '../transaction/caller.ts';
import { Contract, type Context } from '../transaction/contract-api.ts';
import { ContractError } from '../transaction/errors.ts';
import { auditedPolicy, custodianPolicy } from '../transaction/key-policy.ts';
import { onlyArgument, readTransient } from '../transaction/read-arguments.ts';
import { canonical, readState, writeKept } from '../transaction/world-state.ts';
import {
  headOf,
  openedConsentChange,
  openedConsentSet,
  policyOf,
  recordConsentArguments,
  type ConsentHead,
} from './arguments.ts';
import { refuseWriter } from './consent-writer.ts';
import { isStale, opens } from './opened-set.ts';
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

  /**
   * Replaces one patient's consent set.
   *
   * @throws ContractError `epoch-mismatch`, `commitment-mismatch`, and the codes of `refuseWriter`
   */
  async record(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    const args = onlyArgument(ctx, recordConsentArguments);
    const { subject, epoch, commitment } = args;
    const { salt, set } = readTransient(ctx, 'consents', openedConsentSet);
    const { writer, before } = readTransient(ctx, 'change', openedConsentChange);
    if (!opens(salt, set, commitment) || !opens(salt, writer, args.writer)) {
      throw new ContractError('commitment-mismatch', 'the consents do not open the commitments');
    }
    const key = consentKey(custodian, subject);
    const [policy, current] = await Promise.all([
      readState<OverarchingPolicy>(ctx, policyKey(custodian)),
      readState<ConsentHead>(ctx, key),
    ]);
    if (epoch !== (current?.epoch ?? 0) + 1) {
      throw new ContractError('epoch-mismatch', `the current epoch is ${current?.epoch ?? 0}`);
    }
    if (isStale(current, before)) {
      throw new ContractError('commitment-mismatch', 'the consents before are not those in force');
    }
    const refused = refuseWriter({ writer, before: before?.set, after: set, custodian, policy });
    if (refused !== undefined) throw new ContractError(refused.code, 'by who writes the consents');
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
