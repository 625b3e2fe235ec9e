import { runInstalled } from './runtime.mjs';

process.exitCode = await runInstalled('conformance/src/conformance.ts', process.argv.slice(2), {
  build: true,
});
