import type { OverarchingPolicy } from '@chartseal/chaincode';
import type { ConsentRegistry } from './consent/consent-registry.ts';
import type { ConsentReplica } from './consent/consent-replica.ts';
import { enforcePolicy } from './consent/policy.ts';
import type { Channel } from './ledger/channel.ts';
import type { Ledgers } from './ledger/contracts/ledgers.ts';
import type { Sequencer } from './provenance/sequencer.ts';
import type { ResourceStore } from './store/resource-store.ts';

export interface Activation {
  /** Rejects until everything that was open at the last stop is settled and the ledger and store can be used. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

interface Parts {
  readonly store: ResourceStore;
  readonly channel: Channel;
  readonly ledger: Pick<Ledgers, 'consent'>;
  readonly replica: ConsentReplica;
  readonly registry: ConsentRegistry;
  readonly sequencer: Sequencer;
  readonly policy: Omit<OverarchingPolicy, 'version'>;
  readonly failed: (error: unknown) => void;
}

const RETRY_MS = 1_000;
const RECOVER_MS = 10_000;

/** Brings the server into service as soon as the ledger allows, and finishes consent changes that an outage left open. */
export function activate(parts: Parts): Activation {
  let stopped = false;
  let active = false;
  let timer: NodeJS.Timeout | undefined;

  const once = async (): Promise<void> => {
    if (!active) parts.replica.policy = await enforcePolicy(parts.ledger.consent, parts.policy);
    await parts.registry.recover();
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
      if (!active) throw new Error('starting: waiting for the ledger');
      const { state, reason } = parts.sequencer.health();
      if (state === 'alarm') throw new Error(`anchoring has stopped: ${reason ?? 'alarm'}`);
      await Promise.all([parts.store.ready(), parts.channel.ready()]);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      await parts.sequencer.stop();
    },
  };
}
