import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runClientSuite } from './clients/run.ts';
import { runSchemathesisSuite } from './schemathesis/run.ts';
import { runSyntheaSuite } from './synthea/run.ts';

const CAMPAIGNS = join(import.meta.dirname, '..', '..', 'server', 'test', 'campaigns', 'run.ts');

/**
 * A suite that needs the server's inside: the server's tests have it, and it runs in a process of its own with the
 * options that were written here.
 */
function campaign(name: string): () => boolean {
  return () => {
    const args = [CAMPAIGNS, name, ...words.filter((word) => word.startsWith('--'))];
    return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
  };
}

/** Suites by name: each prints its report and tells whether everything is as expected. */
const SUITES: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  clients: runClientSuite,
  closed: campaign('closed'),
  crash: campaign('crash'),
  fhirpath: campaign('fhirpath'),
  hostile: campaign('hostile'),
  mutants: campaign('mutants'),
  patch: campaign('patch'),
  'r4-examples': campaign('r4-examples'),
  races: campaign('races'),
  schemathesis: runSchemathesisSuite,
  search: campaign('search'),
  secrecy: campaign('secrecy'),
  servers: campaign('servers'),
  synthea: runSyntheaSuite,
  timing: campaign('timing'),
  traversals: campaign('traversals'),
  xml: campaign('xml'),
  validator: campaign('validator'),
};

/** Says what each suite can be told; those without options are not here. */
const OPTIONS: Readonly<Record<string, string>> = {
  clients: '--ledger=fabric|embedded',
  closed: '--seed=… --requests=25000',
  crash: '--kills=100 --on=sqlite,mongod,fabric',
  hostile: '--seed=… --requests=20000 --part=1/1 --only=read|sqlite|mongodb|http|cost',
  mutants: '--seed=… --mutants=60 --requests=1500 --only=…',
  'r4-examples': '--every=1',
  races: '--identifiers=1000',
  search: '--seed=… --questions=20000 --target=sqlite|mongodb|http|wide|wide-mongodb',
  secrecy: '--seed=… --queries=1000',
  servers: '--servers=2 --revocations=500 --requests=5000 --seed=… --cost',
  timing: '--seed=… --requests=1000',
  traversals: '--seed=… --traversals=1000 --target=sqlite|mongod',
  xml: '--every=1',
};

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
const help = words.includes('--help');
if (help || names.length === 0 || unknown.length > 0) {
  const told = names.length === 0 || unknown.length > 0 ? Object.keys(SUITES) : names;
  const lines = told.map((name) => `  ${name} ${OPTIONS[name] ?? ''}`.trimEnd());
  if (unknown.length > 0) console.error(`There is no suite ${unknown.join(', ')}.`);
  console.error(
    ['usage: npm run conformance -- <suite>… [--option=value]…', 'suites:', ...lines].join('\n'),
  );
  process.exitCode = help ? 0 : 2;
} else {
  for (const name of names) {
    if ((await SUITES[name]?.()) !== true) process.exitCode = 1;
  }
}
