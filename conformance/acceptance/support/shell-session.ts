import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clone, readersEnvironment } from './clone.ts';

/** One terminal of a reader in the clone: what a block defines is there for the next one. */
export interface ShellSession {
  /** Runs the lines to the letter; resolves with everything that they print. */
  readonly run: (script: string, patience: number) => Promise<string>;
  readonly close: () => void;
}

export function shellSession(): ShellSession {
  const folder = mkdtempSync(join(tmpdir(), 'chartseal-reader-'));
  const file = join(folder, 'block.sh');
  const shell = spawn('bash', ['--noprofile', '--norc'], {
    cwd: clone,
    env: readersEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  let seen: (() => void) | undefined;
  shell.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString('latin1');
    seen?.();
  });
  return {
    run: async (script, patience) => {
      writeFileSync(file, script);
      printed = '';
      const end = `\n${randomUUID()}\n`;
      // A terminal has one stream for both, and the block must not eat the lines that follow it.
      shell.stdin.write(
        `{ source '${file}'; } 2>&1 </dev/null; printf '${end.replaceAll('\n', '\\n')}'\n`,
      );
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`not done after ${patience} ms; it printed:\n${printed}`));
        }, patience);
        seen = () => {
          if (!printed.endsWith(end)) return;
          clearTimeout(timer);
          resolve();
        };
        shell.once('exit', () => {
          clearTimeout(timer);
          reject(new Error(`the shell has ended; it printed:\n${printed}`));
        });
      });
      return Buffer.from(printed.slice(0, -end.length), 'latin1').toString('utf8');
    },
    close: () => {
      shell.removeAllListeners('exit');
      shell.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
