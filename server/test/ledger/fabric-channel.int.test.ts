import { afterAll, beforeAll } from '@jest/globals';
import { describeEvidence } from '../ports/evidence.ts';
import { describeChannel } from '../ports/channel.ts';
import { testNetwork, type TestNetwork } from '../support/fabric-network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await testNetwork();
});
afterAll(() => network.close());

describeChannel('fabric', async () => ({
  channel: await network.open('insurer'),
  reopen: () => network.open('insurer'),
}));

// An organisation whose log no other test writes: its leaves must be those of the test's own store.
describeEvidence('fabric', () => network.open('auditor'));
