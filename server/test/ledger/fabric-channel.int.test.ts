import { after, before } from 'node:test';
import { describeChannel } from '../ports/channel.ts';
import { testNetwork, type TestNetwork } from '../support/fabric-network.ts';

let network: TestNetwork;
before(async () => {
  network = await testNetwork();
});
after(() => network.close());

describeChannel('fabric', async () => ({
  channel: await network.open('insurer'),
  reopen: () => network.open('insurer'),
}));
