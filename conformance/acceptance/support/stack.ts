import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The stack under test: one `npm start` on ports and a data folder of its own. */
export const root = join(import.meta.dirname, '..', '..', '..');
export const dataDir = join(root, '.cache', 'acceptance');
export const port = 18080;

export interface Ready {
  readonly organisations: readonly { readonly name: string; readonly fhir: string; readonly msp: string }[];
  readonly ledger: 'fabric' | 'embedded';
  readonly trust: string;
  readonly personas: Readonly<Record<string, { readonly organisation: string; readonly reference: string }>>;
}

export function ready(): Ready {
  return JSON.parse(readFileSync(join(dataDir, 'ready.json'), 'utf8')) as Ready;
}

/** Base of an organisation's FHIR interface. */
export function fhirBase(organisation = 'hospital'): string {
  const found = ready().organisations.find((each) => each.name === organisation);
  if (found === undefined) throw new Error(`no server of ${organisation}`);
  return found.fhir;
}

export interface Launch {
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  readonly output: () => string;
  /** Milliseconds until it said that it is ready. */
  readonly took: number;
}

/** Starts like a user does and waits for `chartseal ready`. */
export async function startStack(options: readonly string[] = [], patience = 290_000): Promise<Launch> {
  const began = performance.now();
  const child = spawn(
    'npm',
    ['start', '--', '--data', dataDir, '--port', String(port), '--ledger', 'fabric', ...options],
    // A group of its own, as a shell gives it: Ctrl-C reaches the whole group.
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let output = '';
  let ended: string | undefined;
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.once('exit', (code, signal) => (ended = signal ?? `code ${String(code)}`));
  while (!output.split('\n').includes('chartseal ready')) {
    if (ended !== undefined) throw new Error(`npm start ended with ${ended}:\n${output}`);
    if (performance.now() - began > patience) {
      pressCtrlC(child);
      throw new Error(`npm start is not ready after ${patience / 1000} s:\n${output}`);
    }
    await delay(50);
  }
  return { child, output: () => output, took: performance.now() - began };
}

/** What a terminal does: SIGINT to every process of the foreground group. */
export function pressCtrlC(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
}

export async function stopStack(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  pressCtrlC(child);
  await gone;
}

/** Processes that mention the data folder in their command line or environment: all that a stack consists of. */
export function processesOfStack(): readonly { readonly pid: number; readonly command: string }[] {
  return runningProcesses().filter(({ pid, command }) => {
    if (pid === process.pid || pid === process.ppid) return false;
    return command.includes(dataDir) || readQuietly(`/proc/${pid}/environ`).includes(dataDir);
  });
}

function runningProcesses(): readonly { readonly pid: number; readonly command: string }[] {
  return globPids().map((pid) => ({
    pid,
    command: readQuietly(`/proc/${pid}/cmdline`).replaceAll('\0', ' '),
  }));
}

function globPids(): readonly number[] {
  if (!existsSync('/proc/self/stat')) throw new Error('the acceptance tests need /proc');
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
