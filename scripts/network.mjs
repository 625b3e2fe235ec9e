import { join } from 'node:path';
import { ensurePackages, root, runOnProjectNode } from './runtime.mjs';

if (await ensurePackages()) {
  const program = join(root, 'network', 'src', 'cli.ts');
  process.exitCode = await runOnProjectNode([program, ...process.argv.slice(2)]);
} else {
  process.exitCode = 1;
}
