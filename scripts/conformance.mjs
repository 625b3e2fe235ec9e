import { runInstalled } from './runtime.mjs';

process.exitCode = await runInstalled('conformance/suites/conformance.ts', process.argv.slice(2), {
  build: true,
});
