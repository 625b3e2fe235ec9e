// Asks the running `npm start` to start again what has died of its processes.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './runtime.mjs';

function main() {
  let dataDir;
  try {
    const { values } = parseArgs({ options: { data: { type: 'string', default: '.data' } } });
    dataDir = resolve(root, values.data);
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run revive -- [--data <folder>]`);
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
