import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, runCommand } from '../processes/run-command.ts';
import { runPeer, type NetworkContext } from '../processes/peer-cli.ts';
import { addressOf, type Organisation } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/**
 * Joins the organisation's orderer to the channel. The mark is written afterwards, so that a run
 * that was interrupted in between joins again, which the orderer answers with "already exists".
 */
export async function joinOrderer(network: NetworkContext, o: Organisation): Promise<void> {
  const { topology, layout, bin } = network;
  await once(join(layout.of(o).orderer, 'joined'), async () => {
    const { admin } = layout.of(o).tls;
    await runCommand(
      join(bin, 'osnadmin'),
      [
        ...['channel', 'join', '--channelID', topology.channel],
        ...['--config-block', layout.channelBlock],
        ...['-o', addressOf(topology, o, 'orderer', 'ordererAdmin')],
        ...['--ca-file', admin.ca, '--client-cert', admin.certificate, '--client-key', admin.key],
      ],
      { timeout: topology.timeouts.command },
    ).then((output) => {
      if (!/^Status: (201|405)$/m.test(output))
        throw new CommandError('osnadmin channel join', 'was refused', output);
    });
  });
}

export async function joinPeer(network: NetworkContext, o: Organisation): Promise<void> {
  await once(join(network.layout.of(o).peer, 'joined'), async () => {
    try {
      await runPeer(network, o, ['channel', 'join', '-b', network.layout.channelBlock]);
    } catch (error) {
      if (!(error instanceof CommandError && error.output.includes('already exists'))) throw error;
    }
  });
}

async function once(mark: string, act: () => Promise<void>): Promise<void> {
  if (existsSync(mark)) return;
  await act();
  writeFileWhole(mark, '');
}
