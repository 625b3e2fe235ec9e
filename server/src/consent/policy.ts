import type { OverarchingPolicy } from '@chartseal/chaincode';
import type { ConsentLedger } from '../ledger/contracts/consent-ledger.ts';

/**
 * The custodian's policy as configured, put on the ledger if another one is in force there.
 *
 * @rule overarching policy
 */
export async function enforcePolicy(
  ledger: Pick<ConsentLedger, 'policy' | 'setPolicy'>,
  wanted: Omit<OverarchingPolicy, 'version'>,
): Promise<OverarchingPolicy> {
  const inForce = await ledger.policy();
  if (inForce?.implicit === wanted.implicit && inForce.organization === wanted.organization) {
    return inForce;
  }
  return ledger.setPolicy({ ...wanted, version: (inForce?.version ?? 0) + 1 });
}
