import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clone } from './clone.ts';

const scratch = mkdtempSync(join(tmpdir(), 'chartseal-evidence-'));
let files = 0;

/** Keeps bytes in a file of its own and returns its path. */
export function keep(bytes: string | Uint8Array): string {
  files += 1;
  const file = join(scratch, `${files}.json`);
  writeFileSync(file, bytes);
  return file;
}

export interface Verdict {
  readonly code: number;
  readonly output: string;
}

/** `npx chartseal verify …`, as an auditor runs it. */
export function verify(bundle: string, trust: string, ...more: readonly string[]): Verdict {
  const command = join(clone, 'node_modules', '.bin', 'chartseal');
  const ran = spawnSync(command, ['verify', bundle, '--trust', trust, ...more], {
    cwd: scratch,
    encoding: 'utf8',
    // Nothing of the project's environment helps it.
    env: { PATH: process.env['PATH'] ?? '' },
  });
  return { code: ran.status ?? -1, output: `${ran.stdout}${ran.stderr}` };
}
