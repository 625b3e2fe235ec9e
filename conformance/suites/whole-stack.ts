import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface StackOptions {
  /** Names its data folder below `.cache`, which starts empty. */
  readonly name: string;
  /** The hospital's; the others follow. */
  readonly port: number;
  readonly ledger: 'fabric' | 'embedded';
  /** More arguments of `npm start`. */
  readonly options?: readonly string[];
}

export interface WholeStack {
  readonly hospital: string;
  readonly pharmacy: string;
  readonly data: string;
  /** A token got as the README says. */
  readonly token: (persona: string, ...more: readonly string[]) => string;
}

const PATIENCE_MS = 400_000;

/** Runs `npm start` as a user would, hands it over when it is ready, and presses Ctrl-C at the end. */
export async function withStack<T>(
  { name, port, ledger, options = [] }: StackOptions,
  act: (stack: WholeStack) => Promise<T>,
): Promise<T> {
  const data = join(root, '.cache', name);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const output = join(root, '.cache', `${name}.log`);
  rmSync(output, { force: true });
  const log = openSync(output, 'a');
  const child = spawn(
    'npm',
    ['start', '--', '--data', data, '--port', String(port), '--ledger', ledger, ...options],
    // A group of its own, as a shell gives it: Ctrl-C reaches the whole group.
    { cwd: root, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const group = child.pid;
  if (group === undefined) throw new Error('npm could not be started');
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    const began = performance.now();
    while (!readFileSync(output, 'utf8').includes('\nchartseal ready\n')) {
      if (ended() || performance.now() - began > PATIENCE_MS) {
        throw new Error(`npm start did not become ready:\n${readFileSync(output, 'utf8')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await act({
      hospital: `http://127.0.0.1:${port}/fhir`,
      pharmacy: `http://127.0.0.1:${port + 1}/fhir`,
      data,
      token: (persona, ...more) => tokenOf(persona, ['--data', data, ...more]),
    });
  } finally {
    if (!ended()) process.kill(-group, 'SIGINT');
    await end;
  }
}

function tokenOf(persona: string, options: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '--silent', 'token', '--', persona, ...options],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`no token for ${persona}: ${stderr}`);
  return stdout.trim();
}
