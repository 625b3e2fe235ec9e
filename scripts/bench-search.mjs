import { runInstalled } from './runtime.mjs';

process.exitCode = await runInstalled(
  'server/test/campaigns/search-figures/bench-search.ts',
  process.argv.slice(2),
  { build: true },
);
