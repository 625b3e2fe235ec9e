#!/usr/bin/env node
import('../dist/cli.js').then(
  ({ main }) => main(process.argv.slice(2)).then((code) => (process.exitCode = code)),
  () => {
    console.error('chartseal is not built yet: run "npm run build" first');
    process.exitCode = 70;
  },
);
