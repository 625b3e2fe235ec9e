import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { configtx, PROFILE } from './configtx.ts';
import type { Layout } from '../topology/layout.ts';
import { runCommand } from '../processes/run-command.ts';
import type { Topology } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** Writes the channel's first block, once: every later run must join orderers with the very same one. */
export async function makeChannelBlock(
  topology: Topology,
  layout: Layout,
  bin: string,
): Promise<boolean> {
  if (existsSync(layout.channelBlock)) return false;
  mkdirSync(layout.channel, { recursive: true });
  writeFileWhole(
    join(layout.channel, 'configtx.yaml'),
    stringify(configtx(topology, layout), { aliasDuplicateObjects: false }),
  );
  const fresh = `${layout.channelBlock}.new`;
  await runCommand(
    join(bin, 'configtxgen'),
    [
      '-profile',
      PROFILE,
      '-channelID',
      topology.channel,
      '-outputBlock',
      fresh,
      '-configPath',
      layout.channel,
    ],
    { timeout: topology.timeouts.command },
  );
  renameSync(fresh, layout.channelBlock);
  return true;
}
