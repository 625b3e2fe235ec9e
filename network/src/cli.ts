import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { makeDataFolder, networkFolder, requireNetwork } from './data-folder.ts';
import { down, stop } from './down.ts';
import { DAY, RENEWAL_WINDOW } from './identities/expiry.ts';
import { CommandError } from './processes/run-command.ts';
import { renew, type Renewal } from './renew.ts';
import { showProgress } from './show-progress.ts';
import { start } from './start.ts';
import { status, type CertificateStatus, type NetworkStatus } from './status.ts';
import { loadTopology, shiftPorts } from './topology/topology.ts';
import { up } from './up.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Options {
  /** The network's own folder. */
  readonly data: string;
}
interface UpArguments extends Options {
  readonly trust?: string;
  readonly topology?: string;
  readonly portOffset?: number;
}

const program = new Command('network').description(
  'The Fabric network of topology.yaml on this machine, without Docker',
);
const command = (name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .addOption(dataOption())
    .hook('preAction', (_command, action) => {
      const { data } = action.opts<Options>();
      if (name === 'up') makeDataFolder(dirname(data));
      else if (name !== 'status') requireNetwork(data);
    });

command('up', 'start whatever does not run and wait until the channel is usable')
  .option(
    '--trust <file>',
    'where to write the trust anchors (default: trust.json in the data folder)',
  )
  .option('--topology <file>', 'another topology file')
  .option(
    '--port-offset <n>',
    'move every port by n, to run several networks: 8 to 88 in steps of 8, or 400 and more',
    Number,
  )
  .action(async (options: UpArguments) => {
    const { topology: file, portOffset, trust } = options;
    const given = file !== undefined || portOffset !== undefined;
    await showProgress('Bring the network up', (onProgress) =>
      up({
        dataDir: options.data,
        onProgress,
        ...(trust === undefined ? {} : { trustFile: resolve(trust) }),
        ...(given ? { topology: shiftPorts(loadTopology(file), portOffset ?? 0) } : {}),
      }),
    );
    print(await status({ dataDir: options.data }));
  });

command('down', 'stop every process; data stays').action(async (options: Options) => {
  report('stopped', await down({ dataDir: options.data }));
});

command('status', 'list the processes')
  .option('--json', 'as JSON')
  .action(async (options: Options & { readonly json?: true }) => {
    const found = await status({ dataDir: options.data });
    process.exitCode = found.up ? 0 : 3;
    if (options.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    else if (found.exists) print(found);
    else requireNetwork(options.data);
  });

command('renew', 'renew certificates of the running network, which serves meanwhile')
  .option('--within <days>', 'those that end within so many days', days, RENEWAL_WINDOW / DAY)
  .option('--all', 'every certificate')
  .action(async (options: Options & { readonly within: number; readonly all?: true }) => {
    const within = options.all ? 'all' : options.within * DAY;
    const dataDir = options.data;
    let done: Renewal | undefined;
    await showProgress('Renew certificates', async (onProgress) => {
      done = await renew({ dataDir, within, onProgress });
    });
    report('renewed', done?.certificates ?? []);
    report('restarted', done?.restarted ?? []);
    printCertificates((await status({ dataDir })).certificates);
  });

command('stop', 'stop single processes')
  .argument('<process...>', 'for example orderer.pharmacy')
  .action(async (processes: string[], options: Options) => {
    report('stopped', await stop({ dataDir: options.data, processes }));
  });

command('start', 'start single processes')
  .argument('<process...>', 'for example orderer.pharmacy')
  .action(async (processes: string[], options: Options) => {
    await start({ dataDir: options.data, processes });
    report('running', processes);
  });

/** Taken as every command takes it, and turned into the network's own folder. */
function dataOption(): Option {
  return new Option('--data <folder>', 'data folder, the same as of npm start')
    .argParser((folder) => {
      if (folder === '') throw new InvalidArgumentError('the name of a folder is needed');
      return networkFolder(resolve(folder));
    })
    .default(join(ROOT, '.data', 'network'), '.data');
}

function days(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) {
    throw new InvalidArgumentError('a whole number of days is needed');
  }
  return number;
}

function report(what: string, names: readonly string[]): void {
  process.stdout.write(`${what}: ${names.length > 0 ? names.join(', ') : 'nothing'}\n`);
}

function print({ channel, processes, certificates }: NetworkStatus): void {
  process.stdout.write(`channel ${channel ?? '?'}\n`);
  for (const { name, state, pid, port } of processes) {
    process.stdout.write(
      `${name.padEnd(22)} ${state.padEnd(9)} port ${port}  ${pid === undefined ? '' : `process ${pid}`}\n`,
    );
  }
  printCertificates(certificates);
}

/** When each organisation's first certificate ends, and every one that must be renewed. */
function printCertificates(certificates: readonly CertificateStatus[]): void {
  const line = (what: string, { name, expires }: CertificateStatus, more = '') =>
    process.stdout.write(`${what.padEnd(22)} ${name.padEnd(28)} ${expires}${more}\n`);
  for (const organisation of new Set(certificates.map((each) => each.organisation))) {
    const first = certificates.find((each) => each.organisation === organisation);
    if (first !== undefined) line(`${organisation}: first end`, first);
  }
  for (const each of certificates.filter(({ state }) => state !== 'valid')) {
    line(each.state, each, ` ${each.path}`);
  }
}

// Whoever reads has seen enough (`status | head`); what was asked for is done all the same.
process.stdout.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(
    `${error instanceof CommandError ? 'command failed: ' : ''}${error.message}\n`,
  );
  process.exitCode ??= 1;
}
