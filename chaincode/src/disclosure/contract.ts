import { createHash } from 'node:crypto';
import { commitment } from '@chartseal/evidence';
import type { ConsentHead } from '../consent/arguments.ts';
import { callingOrganisation } from '../transaction/caller.ts';
import type { OverarchingPolicy } from '../consent/overarching-policy.ts';
import { Contract, type Context } from '../transaction/contract-api.ts';
import { decideAccess } from '../decide/decide-access.ts';
import { ContractError } from '../transaction/errors.ts';
import { isStale } from '../consent/opened-set.ts';
import { consentKey, policyKey } from '../consent/state.ts';
import { onlyArgument, readTransient } from '../transaction/read-arguments.ts';
import { canonical, readState, writeState } from '../transaction/world-state.ts';
import {
  discloseArguments,
  disclosureFacts,
  type DiscloseArguments,
  type DiscloseResult,
  type DisclosureFacts,
} from './arguments.ts';
import { disclosureKey } from './state.ts';

type Heads = ReadonlyMap<string, ConsentHead | undefined>;

/**
 * Decides and records disclosures of the calling custodian's data.
 *
 * @rule disclosure
 */
export class DisclosureContract extends Contract {
  constructor() {
    super('disclosure');
  }

  /**
   * Decides a group of requests and writes one record for all of them. Reading the policy and every subject's consent
   * head makes the transaction invalid when either changes before it is committed.
   *
   * @throws ContractError `commitment-mismatch` when a request is not the one committed to
   */
  async disclose(ctx: Context): Promise<string> {
    const custodian = callingOrganisation(ctx);
    const { requests } = onlyArgument(ctx, discloseArguments);
    const facts = readTransient(ctx, 'facts', disclosureFacts);
    assertSame(requests, facts);

    const subjects = [...new Set(requests.map(({ subject }) => subject))].sort();
    const [policy, ...read] = await Promise.all([
      readState<OverarchingPolicy>(ctx, policyKey(custodian)),
      ...subjects.map((subject) => readState<ConsentHead>(ctx, consentKey(custodian, subject))),
    ]);
    const heads: Heads = new Map(subjects.map((subject, i) => [subject, read[i]]));
    const at = transactionTime(ctx);

    const result: DiscloseResult = {
      at,
      policyVersion: policy?.version ?? 0,
      decisions: requests.map(({ subject }, i) => {
        const head = heads.get(subject);
        const opened = facts.consents[subject];
        const epoch = head?.epoch ?? 0;
        if (isStale(head, opened)) return { outcome: 'stale', epoch };
        const { nonce, request } = facts.requests[i] as DisclosureFacts['requests'][number];
        const decision = decideAccess({ request, consents: opened?.set, policy, custodian, at });
        return {
          outcome: decision.outcome,
          epoch,
          commitment: commitment(Buffer.from(nonce, 'hex'), canonical(decision)),
        };
      }),
    };
    const bytes = canonical(result);
    // Not read, and its policy not set anew: so the groups of one block do not exclude each other.
    await writeState(ctx, disclosureKey(custodian), {
      result: createHash('sha256').update(bytes).digest('hex'),
    });
    return bytes;
  }
}

function assertSame(requests: DiscloseArguments['requests'], facts: DisclosureFacts): void {
  if (requests.length !== facts.requests.length) {
    throw new ContractError('invalid-argument', 'facts must hold one entry per request');
  }
  requests.forEach(({ commitment: committed }, i) => {
    const { nonce, request } = facts.requests[i] as DisclosureFacts['requests'][number];
    if (commitment(Buffer.from(nonce, 'hex'), canonical(request)) !== committed) {
      throw new ContractError('commitment-mismatch', `request ${i} is not the one committed to`);
    }
  });
  const asked = new Set(requests.map(({ subject }) => subject));
  if (!Object.keys(facts.consents).every((subject) => asked.has(subject))) {
    throw new ContractError(
      'invalid-argument',
      'facts open the consents of a subject not asked for',
    );
  }
}

/** The transaction's own timestamp, the only clock there is: the same on every peer, bounded by the peers' time window. */
function transactionTime(ctx: Context): string {
  const { seconds, nanos } = ctx.stub.getTxTimestamp();
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6)).toISOString();
}
