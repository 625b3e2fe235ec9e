import type { OverarchingPolicy } from '@chartseal/chaincode';
import type { ConsentLedger } from '../ledger/contracts/consent-ledger.ts';
import { isForeign } from '../ledger/errors.ts';
import type { Serving } from '../ledger/serving.ts';

const FOREIGN = 'the overarching policy on the ledger is not the one this server set';

/**
 * The custodian's policy as configured: the only one that this server serves. It remembers it, whatever the ledger says.
 *
 * @rule overarching policy
 */
export class OwnPolicy {
  readonly #ledger: Pick<ConsentLedger, 'policy' | 'setPolicy'>;
  readonly #wanted: Omit<OverarchingPolicy, 'version'>;
  readonly #serving: Serving;

  constructor(
    ledger: Pick<ConsentLedger, 'policy' | 'setPolicy'>,
    wanted: Omit<OverarchingPolicy, 'version'>,
    serving: Serving,
  ) {
    this.#ledger = ledger;
    this.#wanted = wanted;
    this.#serving = serving;
  }

  /** Puts it on the ledger if another one is in force there; returns it with its version. */
  async enforce(): Promise<OverarchingPolicy> {
    const inForce = await this.#ledger.policy();
    if (inForce !== undefined && this.#isOurs(inForce)) return inForce;
    const version = (inForce?.version ?? 0) + 1;
    return this.#ledger.setPolicy({ ...this.#wanted, version });
  }

  /**
   * Takes note of the policy that is in force; undefined when there is none.
   *
   * @throws LedgerError `unavailable` while anything is not as we put it
   */
  found(inForce: OverarchingPolicy | undefined): void {
    const ours = inForce !== undefined && this.#isOurs(inForce);
    this.#serving.found('policy', ours ? undefined : FOREIGN);
    this.#serving.assert();
  }

  /** Looks what is in force, as our peer knows it. @throws LedgerError as `found`, or that of the channel */
  async look(): Promise<void> {
    const inForce = await this.#ledger.policy().catch((error: unknown) => {
      if (isForeign(error)) this.#serving.found('policy', FOREIGN);
      throw error;
    });
    this.found(inForce);
  }

  #isOurs({ implicit, organization }: OverarchingPolicy): boolean {
    return implicit === this.#wanted.implicit && organization === this.#wanted.organization;
  }
}
