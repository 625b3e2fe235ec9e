import type { ConsentReplica } from './consent/consent-replica.ts';
import type { Custody } from './consent/custody.ts';
import type { OwnPolicy } from './consent/policy.ts';
import type { Ledgers } from './ledger/contracts/ledgers.ts';
import { NotReady } from './http/health.ts';
import type { LedgerFirst } from './interactions/change/ledger-first.ts';
import type { Pulse } from './ledger/pulse.ts';
import type { Serving } from './ledger/serving.ts';
import type { Sequencer } from './provenance/sequencer.ts';
import type { Store } from './store/store.ts';

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
  readonly store: Pick<Store, 'ready'>;
  readonly pulse: Pick<Pulse, 'alive'>;
  readonly ledger: Pick<Ledgers, 'channel'>;
  readonly replica: ConsentReplica;
  readonly ledgerFirst: Pick<LedgerFirst, 'recover'>;
  readonly sequencer: Sequencer;
  readonly serving: Pick<Serving, 'fault'>;
  readonly custody: Pick<Custody, 'keep' | 'keepHeads'>;
  readonly policy: Pick<OwnPolicy, 'enforce' | 'look'>;
  readonly failed: (error: unknown) => void;
}

const RETRY_MS = 1_000;
const RECOVER_MS = 10_000;
/** Looks so often what the ledger holds under our name, though nobody asks for anything. */
const LOOK_MS = 500;
/** Whoever asks all the time causes a transaction in this time at most, and learns of an outage within both together. */
const READINESS = { fresh: 5_000, patience: 4_000 };

/** Brings the server into service as soon as the ledger allows, and finishes what an outage left open on its way to the ledger. */
export function activate(parts: Parts): Activation {
  let stopped = false;
  let active = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;

  const once = async (): Promise<void> => {
    if (!active) {
      await parts.custody.keep();
      parts.replica.policy = await parts.policy.enforce();
    }
    await parts.ledgerFirst.recover();
    if (!active) {
      parts.sequencer.start();
      look();
    }
    active = true;
    await parts.custody.keepHeads();
  };
  // Whatever comes of it is known to the serving condition; an outage is for others to tell.
  const look = (): void => {
    const again = (): void => {
      if (!stopped) looking = setTimeout(look, LOOK_MS).unref();
    };
    parts.policy.look().then(again, again);
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
      await parts.policy.look().catch(() => undefined);
      const fault = parts.serving.fault();
      if (fault !== undefined) throw new NotReady(fault);
      await Promise.all([
        parts.store.ready().catch(because('the resource store cannot be used now')),
        parts.ledger.channel.ready().catch(because('the ledger endorses nothing now')),
        parts.pulse.alive(READINESS).catch(because('the ledger orders nothing now')),
      ]);
    },
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(looking);
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
