// Asks the running `npm start` to start again what has died of its processes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolder } from './runtime.mjs';

const help = `Asks the running npm start to start again what has died of its processes.

  npm run revive -- [options]

  --data <folder>  data folder of the running stack (default .data)
  --help`;

function main() {
  let dataDir;
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', default: '.data' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    dataDir = dataFolder(values.data);
  } catch (error) {
    console.error(`${error.message}\nTry: npm run revive -- --help`);
    return 64;
  }
  try {
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8'));
    process.kill(pid, 'SIGUSR2');
    console.log('Asked: npm start tells in its window when everything runs again.');
    return 0;
  } catch {
    console.error(`Nothing runs on ${dataDir}: npm start starts everything.`);
    return 1;
  }
}

process.exitCode = main();
