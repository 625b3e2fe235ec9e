// Arguments: network folder, demonstration folder, folder of Fabric's programs, folder of its sample configurations.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory } from '../../demo/src/persona-directory.ts';
import { prepareContainers } from '../../network/src/containers.ts';
import { loadTopology } from '../../network/src/topology/topology.ts';
import { containerArguments } from './container-arguments.ts';

const { options, demo } = containerArguments();
await prepareContainers(options);
mkdirSync(demo, { recursive: true });
await ensureDirectory(demo);
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
