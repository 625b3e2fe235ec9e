import { runClientSuite } from './suites/clients/run.ts';
import { runPatchSuite } from './suites/patch/run.ts';
import { runSchemathesisSuite } from './suites/schemathesis/run.ts';
import { runSyntheaSuite } from './suites/synthea/run.ts';

/** Suites by name: each prints its report and tells whether everything is as expected. */
const SUITES: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  clients: runClientSuite,
  patch: runPatchSuite,
  schemathesis: runSchemathesisSuite,
  synthea: runSyntheaSuite,
};

const names = process.argv.slice(2);
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
