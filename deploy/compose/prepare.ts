// Arguments: network folder, demonstration folder, folder of Fabric's programs, folder of its sample configurations.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareContainers } from '@chartseal/network/containers';
import { loadTopology } from '@chartseal/network/topology';
import { containerArguments } from './container-arguments.ts';

const { options, demo } = containerArguments();
await prepareContainers(options);
const directory = join(import.meta.dirname, '..', '..', 'demo', 'src', 'directory.ts');
execFileSync(process.execPath, [directory, demo], { stdio: 'inherit' });
// For `npm run token -- <persona> --data <this folder>` on the host.
const organisations = loadTopology().organisations.map(({ name, msp }, index) => ({
  name,
  msp,
  fhir: `http://127.0.0.1:${8080 + index}/fhir`,
}));
writeFileSync(
  join(demo, 'ready.json'),
  `${JSON.stringify({ organisations, ledger: 'fabric' }, null, 2)}\n`,
);
