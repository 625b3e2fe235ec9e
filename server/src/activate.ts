import type { OverarchingPolicy } from '@chartseal/chaincode';
import type { ConsentReplica } from './consent/consent-replica.ts';
import { enforcePolicy } from './consent/policy.ts';
import type { Ledgers } from './ledger/contracts/ledgers.ts';
import { NotReady } from './http/health.ts';
import type { LedgerFirst } from './interactions/change/ledger-first.ts';
import type { Pulse } from './ledger/pulse.ts';
import type { Sequencer } from './provenance/sequencer.ts';
import type { ResourceStore } from './store/resource-store.ts';

export interface Activation {
  /**
   * Tells whether a read would be answered now: everything that was open at the last stop is settled, the store writes,
   * organisations endorse, and the ledger orders.
   *
   * @throws NotReady
   */
  ready(): Promise<void>;
  close(): Promise<void>;
}

interface Parts {
  readonly store: ResourceStore;
  readonly pulse: Pick<Pulse, 'alive'>;
  readonly ledger: Pick<Ledgers, 'channel' | 'consent'>;
  readonly replica: ConsentReplica;
  readonly ledgerFirst: Pick<LedgerFirst, 'recover'>;
  readonly sequencer: Sequencer;
  readonly policy: Omit<OverarchingPolicy, 'version'>;
  readonly failed: (error: unknown) => void;
}

const RETRY_MS = 1_000;
const RECOVER_MS = 10_000;
/** Whoever asks all the time causes a transaction in this time at most, and learns of an outage within both together. */
const READINESS = { fresh: 5_000, patience: 4_000 };

/** Brings the server into service as soon as the ledger allows, and finishes what an outage left open on its way to the ledger. */
export function activate(parts: Parts): Activation {
  let stopped = false;
  let active = false;
  let timer: NodeJS.Timeout | undefined;

  const once = async (): Promise<void> => {
    if (!active) parts.replica.policy = await enforcePolicy(parts.ledger.consent, parts.policy);
    await parts.ledgerFirst.recover();
    if (!active) parts.sequencer.start();
    active = true;
  };
  const again = async (): Promise<void> => {
    await once().catch(parts.failed);
    if (!stopped) timer = setTimeout(() => void again(), active ? RECOVER_MS : RETRY_MS).unref();
  };
  const running = again();

  return {
    ready: async () => {
      if (!active) throw new NotReady('the server is starting and waits for the ledger');
      const { state, reason } = parts.sequencer.health();
      if (state === 'alarm') throw new NotReady('anchoring has stopped', { cause: reason });
      await Promise.all([
        parts.store.ready().catch(because('the resource store cannot be used now')),
        parts.ledger.channel.ready().catch(because('the ledger endorses nothing now')),
        parts.pulse.alive(READINESS).catch(because('the ledger orders nothing now')),
      ]);
    },
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      await parts.sequencer.stop();
    },
  };
}

/** Gives the log what was thrown, and whoever asked the reason. */
function because(reason: string): (cause: unknown) => never {
  return (cause) => {
    throw new NotReady(reason, { cause });
  };
}
