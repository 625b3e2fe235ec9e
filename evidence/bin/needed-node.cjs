'use strict';
// Every command that runs on the Node of whoever calls it loads this before anything else. Older versions parse it
// too: no syntax and no module in here is younger than Node 4.
const given = process.versions.node.split('.').map(Number);
const enough = given[0] === 20 ? given[1] >= 12 : given[0] === 21 ? given[1] >= 7 : given[0] >= 22;
if (!enough) {
  console.error(
    'Chartseal needs Node 20.12 or newer (of the 21 series: 21.7), and this is Node ' +
      process.versions.node +
      ': install a newer one from https://nodejs.org/ and try again.',
  );
  process.exit(1);
}
