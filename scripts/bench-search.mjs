import { runInstalled } from './runtime.mjs';

process.exitCode = await runInstalled('bench/src/search/bench-search.ts', process.argv.slice(2), {
  build: true,
});
