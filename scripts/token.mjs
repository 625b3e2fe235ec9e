// A token goes to standard output alone, so nothing is installed here.
import { join } from 'node:path';
import { packagesInstalled, root, runOnProjectNode } from './runtime.mjs';

if (packagesInstalled()) {
  const program = join(root, 'demo', 'src', 'token.ts');
  process.exitCode = await runOnProjectNode([program, ...process.argv.slice(2)]);
} else {
  console.error(
    'No servers can be running: the packages are not installed. npm start installs and starts everything.',
  );
  process.exitCode = 1;
}
