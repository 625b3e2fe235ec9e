import type { Channel } from '../channel.ts';
import { ConsentLedger } from './consent-ledger.ts';
import { CustodyLedger } from './custody-ledger.ts';
import { DisclosureLedger } from './disclosure-ledger.ts';
import { LogLedger } from './log-ledger.ts';

/** The chaincode as one organisation's server calls it: one client for each contract. */
export interface Ledgers {
  readonly channel: Channel;
  readonly log: LogLedger;
  readonly consent: ConsentLedger;
  readonly custody: CustodyLedger;
  readonly disclosure: DisclosureLedger;
}

export function ledgersOf(channel: Channel): Ledgers {
  const custody = new CustodyLedger(channel);
  return {
    channel,
    log: new LogLedger(channel, custody),
    consent: new ConsentLedger(channel, custody),
    custody,
    disclosure: new DisclosureLedger(channel, custody),
  };
}
