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

/** Options belong to the suites, and are written `--name=value`. */
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(
    `usage: npm run conformance -- <suite>…\nsuites: ${Object.keys(SUITES).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  for (const name of names) {
    if ((await SUITES[name]?.()) !== true) process.exitCode = 1;
  }
}
