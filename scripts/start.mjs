import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolder, ensurePackages, runOnProjectNode } from './runtime.mjs';

const help = `Starts everything: packages, builds, the Fabric network, chaincode, one FHIR server per organisation, demo data.

  npm start -- [options]

  --ledger fabric|embedded  fabric (default): a real Hyperledger Fabric network of four organisations, built with Go
                            embedded: the same contracts inside each server, for development; needs Node alone
  --store sqlite|mongodb://…  where resources are kept (default sqlite, under the data folder);
                            MongoDB must be a replica set; each organisation gets a database of its own
  --port <number>           port of the hospital's server, the others follow (default 8080, or the variable PORT); the
                            ports of the Fabric network of a new data folder move with it, so that with --data
                            several stacks can run on one machine, ten server ports apart
  --data <folder>           where everything is kept (default .data)
  --package <file>          a FHIR package to load beside our own profiles: a .tgz archive or a folder; may be given
                            several times. The variable CHARTSEAL_PACKAGES names some, too, separated by commas
  --fresh                   wipe the data folder first
  --check-packages          install packages when needed, then stop
  --help

Ctrl-C stops every process it started. The data stay and are there at the next start.`;

/** The options as `demo/src/start.ts` takes them, or a sentence that says what is wrong. */
function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      ledger: { type: 'string' },
      store: { type: 'string', default: 'sqlite' },
      port: { type: 'string', default: process.env.PORT ?? '8080' },
      data: { type: 'string', default: '.data' },
      package: { type: 'string', multiple: true, default: [] },
      fresh: { type: 'boolean', default: false },
      'check-packages': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.ledger !== undefined && !['fabric', 'embedded'].includes(values.ledger)) {
    throw new Error('--ledger is fabric or embedded');
  }
  if (values.store !== 'sqlite' && !/^mongodb(\+srv)?:\/\//.test(values.store)) {
    throw new Error('--store is sqlite or an address that begins with mongodb://');
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65532)
    throw new Error('--port is a number from 1 to 65532');
  if (values.package.some((path) => path.trim() === ''))
    throw new Error('--package needs the name of a file or folder');
  // npm changes to the project's folder, and tells where it was called.
  const here = process.env.npm_lifecycle_event === undefined ? undefined : process.env.INIT_CWD;
  const packages = [...(process.env.CHARTSEAL_PACKAGES ?? '').split(','), ...values.package]
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => resolve(here ?? process.cwd(), path));
  return { ...values, port, dataDir: dataFolder(values.data), packages };
}

async function main() {
  let options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\nTry: npm start -- --help`);
    return 64;
  }
  if (options.help) {
    console.log(help);
    return 0;
  }
  if (!(await ensurePackages())) return 1;
  if (options['check-packages']) return 0;
  const { dataDir, ledger, store, port, fresh, packages } = options;
  const program = createRequire(import.meta.url).resolve('../demo/src/start.ts');
  return runOnProjectNode([
    program,
    JSON.stringify({ dataDir, ledger, store, port, fresh, packages }),
  ]);
}

process.exitCode = await main();
