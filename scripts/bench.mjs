import { runInstalled } from './runtime.mjs';

process.exitCode = await runInstalled('bench/src/bench.ts', process.argv.slice(2));
