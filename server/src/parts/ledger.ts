import { writeFile } from 'node:fs/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { CertificateWatch } from '../ledger/certificate-watch.ts';
import type { Channel } from '../ledger/channel.ts';
import { ledgersOf, type Ledgers } from '../ledger/contracts/ledgers.ts';
import { openEmbeddedChannel } from '../ledger/embedded/embedded-channel.ts';
import { openFabric } from '../ledger/fabric/open-fabric.ts';
import { Pulse } from '../ledger/pulse.ts';
import type { Metrics } from '../metrics.ts';
import type { Ambient, Part } from './ambient.ts';

export interface LedgerPart extends Part {
  /** Gives `pulse` a sign of life with each transaction that becomes VALID through it. */
  readonly channel: Channel;
  readonly ledger: Ledgers;
  readonly pulse: Pulse;
  /** Watches the certificates that the channel relies on; the embedded ledger has none. */
  readonly watch: CertificateWatch | undefined;
  /** Counts attempts to write what is not the writer's, since the start; the embedded ledger knows of none. */
  readonly unendorsed: (() => number) | undefined;
}

/** The channel that this organisation's server signs on. */
export async function openLedger(
  config: Pick<Config, 'ledger' | 'trust' | 'organisation'>,
  ambient: Ambient,
  log: FastifyBaseLogger,
): Promise<LedgerPart> {
  const { channel: opened, watch, unendorsed } = await openChannel(config, ambient, log);
  const pulse = new Pulse(opened, ambient.now);
  const channel = pulse.observed();
  void watch?.start();
  return {
    channel,
    ledger: ledgersOf(channel),
    pulse,
    watch,
    unendorsed,
    close: async () => {
      watch?.stop();
      await channel.close();
    },
  };
}

async function openChannel(
  { ledger, trust, organisation }: Pick<Config, 'ledger' | 'trust' | 'organisation'>,
  { clock, random }: Ambient,
  log: FastifyBaseLogger,
): Promise<Pick<LedgerPart, 'channel'> & Partial<Pick<LedgerPart, 'watch' | 'unendorsed'>>> {
  const { msp } = organisation;
  if (ledger.kind === 'fabric') {
    const { channel, watch } = await openFabric(ledger.connection, { msp, now: clock, log });
    let unendorsed = 0;
    channel.watchRefusals((transaction) => {
      unendorsed += 1;
      log.error(transaction, 'ALARM: a transaction lacked the endorsement that its keys ask for');
    });
    return { channel, watch, unendorsed: () => unendorsed };
  }
  const channel = await openEmbeddedChannel({
    folder: ledger.folder,
    msp,
    now: clock,
    random,
  });
  await writeFile(trust, `${JSON.stringify(await channel.trust(), null, 2)}\n`);
  return { channel };
}

/** Shows operators when certificates end, and what was written past the policies of keys. */
export function tellOfLedger(
  metrics: Pick<Metrics, 'certificates' | 'unendorsed'>,
  { watch, unendorsed }: LedgerPart,
  { clock }: Pick<Ambient, 'clock'>,
): void {
  if (watch) metrics.certificates({ ends: () => watch.ends(), now: clock });
  if (unendorsed) metrics.unendorsed(unendorsed);
}
