import type { ContractName } from '@chartseal/chaincode';
import type { Channel } from '../channel.ts';
import { ConsentLedger } from './consent-ledger.ts';
import { CustodyLedger } from './custody-ledger.ts';
import { DisclosureLedger } from './disclosure-ledger.ts';
import { LogLedger } from './log-ledger.ts';

/** One client for each contract of the chaincode: the one list of them. */
const CLIENTS = {
  log: LogLedger,
  consent: ConsentLedger,
  custody: CustodyLedger,
  disclosure: DisclosureLedger,
} satisfies {
  readonly [Name in ContractName]: new (channel: Channel, custody: CustodyLedger) => object;
};

type Clients = { readonly [Name in ContractName]: InstanceType<(typeof CLIENTS)[Name]> };

/** The chaincode as one organisation's server calls it. */
export interface Ledgers extends Clients {
  readonly channel: Channel;
}

export function ledgersOf(channel: Channel): Ledgers {
  const custody = new CustodyLedger(channel);
  const clients = Object.entries(CLIENTS).map(([name, Client]) => [
    name,
    new Client(channel, custody),
  ]);
  return { channel, ...(Object.fromEntries(clients) as Clients), custody };
}
