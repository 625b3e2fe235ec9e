import { runClientSuite } from './suites/clients/run.ts';
import { runCrashSuite } from './suites/crash/run.ts';
import { runFhirPathSuite } from './suites/fhirpath/run.ts';
import { runHostileSuite } from './suites/hostile/run.ts';
import { runPatchSuite } from './suites/patch/run.ts';
import { runExamplesSuite } from './suites/r4-examples/run.ts';
import { runRacesSuite } from './suites/races/run.ts';
import { runSchemathesisSuite } from './suites/schemathesis/run.ts';
import { runSearchSuite } from './suites/search/run.ts';
import { runSecrecySuite } from './suites/secrecy/run.ts';
import { runSyntheaSuite } from './suites/synthea/run.ts';
import { runTraversalsSuite } from './suites/traversals/run.ts';
import { runValidatorSuite } from './suites/validator/run.ts';
import { runXmlSuite } from './suites/xml/run.ts';

/** Suites by name: each prints its report and tells whether everything is as expected. */
const SUITES: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  clients: runClientSuite,
  crash: runCrashSuite,
  fhirpath: runFhirPathSuite,
  hostile: runHostileSuite,
  patch: runPatchSuite,
  'r4-examples': () => runExamplesSuite(),
  races: runRacesSuite,
  schemathesis: runSchemathesisSuite,
  search: runSearchSuite,
  secrecy: runSecrecySuite,
  synthea: runSyntheaSuite,
  traversals: runTraversalsSuite,
  xml: runXmlSuite,
  validator: runValidatorSuite,
};

/** Says what each suite can be told; those without options are not here. */
const OPTIONS: Readonly<Record<string, string>> = {
  clients: '--ledger=fabric|embedded',
  crash: '--kills=100 --on=sqlite,mongod,fabric',
  hostile: '--seed=… --requests=20000 --part=1/1 --only=read|sqlite|mongodb|http|cost',
  'r4-examples': '--every=1',
  races: '--identifiers=1000',
  search: '--seed=… --questions=20000 --target=sqlite|mongodb|http|wide|wide-mongodb',
  secrecy: '--seed=… --queries=1000',
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
  console.error(
    ['usage: npm run conformance -- <suite>… [--option=value]…', 'suites:', ...lines].join('\n'),
  );
  process.exitCode = help ? 0 : 2;
} else {
  for (const name of names) {
    if ((await SUITES[name]?.()) !== true) process.exitCode = 1;
  }
}
