import { existsSync } from 'node:fs';
import { makeChannelBlock } from './channel/channel-block.ts';
import { writeConnectionFile } from './identities/connection-file.ts';
import { issueIdentities } from './identities/issue-identities.ts';
import { renewDue } from './identities/renew-due.ts';
import { writeNodeConfigs } from './processes/node-config.ts';
import type { NetworkContext } from './processes/peer-cli.ts';
import { inStep, type OnProgress } from './progress.ts';
import { writeTrustFile } from './identities/trust-file.ts';

/**
 * Everything of a network that is made of files alone: identities, first block, configurations.
 * Certificates that end before `renewUntil` (ms since the epoch) are renewed.
 */
export async function prepareFiles(
  { topology, layout, bin }: NetworkContext,
  { samples, renewUntil }: { readonly samples: string; readonly renewUntil: number },
  onProgress: OnProgress,
): Promise<void> {
  const missing = topology.organisations.some((o) => !existsSync(layout.of(o).identities));
  if (missing) {
    await inStep(onProgress, 'Issue identities from each organisation’s Fabric CA', (note) =>
      Promise.all(
        topology.organisations.map(async (o) => {
          await issueIdentities(topology, o, layout, bin);
          note(`${o.name} done`);
        }),
      ),
    );
  }
  await renewDue({ topology, layout, bin }, renewUntil, onProgress);
  if (!existsSync(layout.channelBlock)) {
    await inStep(onProgress, `Make the first block of channel ${topology.channel}`, () =>
      makeChannelBlock(topology, layout, bin),
    );
  }
  writeNodeConfigs(topology, layout, samples);
  for (const o of topology.organisations) writeConnectionFile(topology, layout, o);
  writeTrustFile(topology, layout);
}
