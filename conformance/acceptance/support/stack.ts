import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { clone, readersEnvironment, root } from './clone.ts';

/** The stack under test: `npm start` in the clone, on the ports and the data folder that the README names. */
export const dataDir = join(clone, '.data');

export interface Ready {
  readonly organisations: readonly {
    readonly name: string;
    readonly fhir: string;
    readonly msp: string;
  }[];
  readonly ledger: 'fabric' | 'embedded';
  readonly trust: string;
  readonly personas: Readonly<
    Record<string, { readonly organisation: string; readonly reference: string }>
  >;
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
  /** The process group that a terminal would send Ctrl-C to. */
  readonly pid: number;
  /** Milliseconds until it said that it is ready. */
  readonly took: number;
}

const launchFile = join(root, '.cache', 'acceptance-launch.json');
const outputFile = join(root, '.cache', 'acceptance-output.log');

/** Everything the current launch printed so far. */
export function output(): string {
  return readQuietly(outputFile);
}

export interface StartOptions {
  readonly options?: readonly string[];
  /** Milliseconds. */
  readonly patience?: number;
  /** Press Ctrl-C when this has been printed, instead of waiting until all is ready. */
  readonly interruptAt?: string;
}

/**
 * Starts like a user does and waits for `chartseal ready`. The stack outlives the test file that starts it, so its
 * output goes to a file.
 */
export async function startStack({
  options = [],
  patience = 290_000,
  interruptAt,
}: StartOptions = {}): Promise<Launch> {
  const began = performance.now();
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(outputFile, { force: true });
  const log = openSync(outputFile, 'a');
  const child = spawn('npm', startArguments(options), {
    cwd: clone,
    env: readersEnvironment(),
    stdio: ['ignore', log, log],
    // A group of its own, as a shell gives it: Ctrl-C reaches the whole group.
    detached: true,
  });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error('npm could not be started');
  writeFileSync(launchFile, String(child.pid));
  let ended: string | undefined;
  child.once('exit', (code, signal) => (ended = signal ?? `code ${String(code)}`));
  while (!output().split('\n').includes('chartseal ready')) {
    if (ended !== undefined) throw new Error(`npm start ended with ${ended}:\n${output()}`);
    if (interruptAt !== undefined && output().includes(interruptAt)) {
      await stopStack();
      break;
    }
    if (performance.now() - began > patience) {
      await stopStack();
      throw new Error(`npm start is not ready after ${patience / 1000} s:\n${output()}`);
    }
    await delay(50);
  }
  return { pid: child.pid, took: performance.now() - began };
}

export function startArguments(options: readonly string[]): string[] {
  return options.length === 0 ? ['start'] : ['start', '--', ...options];
}

/** Presses Ctrl-C, as a terminal does: SIGINT to every process of the foreground group. Waits for its end. */
export async function stopStack(): Promise<void> {
  const group = Number(readQuietly(launchFile));
  if (!(group > 1)) return;
  signalGroup(group, 'SIGINT');
  const deadline = performance.now() + 60_000;
  while (signalGroup(group, 0)) {
    if (performance.now() > deadline) throw new Error(`npm start does not end:\n${output()}`);
    await delay(50);
  }
  rmSync(launchFile, { force: true });
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
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
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
