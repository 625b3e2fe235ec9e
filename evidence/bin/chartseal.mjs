#!/usr/bin/env node
// A Node that is too old knows no import() or ends in the first module.
import('./needed-node.cjs').then(
  () =>
    import('../dist/cli.js').then(
      ({ main }) => main(process.argv.slice(2)).then((code) => (process.exitCode = code)),
      () => {
        console.error('chartseal is not built yet: run "npm run build" first');
        process.exitCode = 70;
      },
    ),
  () => {
    console.error('Chartseal needs Node 20.12 or newer');
    process.exitCode = 1;
  },
);
