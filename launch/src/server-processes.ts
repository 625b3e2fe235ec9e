import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgetProcess, selfRecording } from '@chartseal/network/pid-record';
import { stopProcess } from '@chartseal/network/stop-process';
import type { ServerPlan } from './launch-plan.ts';
import { organisations } from './organisations.ts';

/** Short-lived objects get 16 MB: V8's own choice under load costs a server 100 MB for no gain in speed. */
const NURSERY = '--max-semi-space-size=16';

/** So that the C library does not keep freed memory of many threads apart, which adds up to 100 MB. */
const ARENAS = '2';

/** Seconds a server may take to answer what is under way before it is ended by force. */
const PATIENCE = 15;

export interface ServerProcesses {
  /** Starts the server unless it runs, and waits until its store and ledger are usable. */
  readonly start: (plan: ServerPlan, signal: AbortSignal) => Promise<void>;
  readonly stopAll: () => Promise<void>;
}

/** The servers of one data folder, each on record, so that the next launcher finds those that outlive a killed one. */
export function serverProcesses(
  root: string,
  dataDir: string,
  onDeath: (plan: ServerPlan, how: string) => void,
): ServerProcesses {
  const running = new Map<string, ChildProcess>();
  let stopping = false;

  const launch = (plan: ServerPlan): void => {
    const { name } = plan.organisation;
    const log = openSync(logFile(dataDir, plan), 'a', 0o600);
    const line = [process.execPath, NURSERY, join(root, 'server', 'dist', 'server.js')];
    const [command, args] = selfRecording(runFolder(dataDir), recordName(name), line);
    const child = spawn(command, args, {
      cwd: root,
      env: { MALLOC_ARENA_MAX: ARENAS, ...process.env, ...plan.environment },
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C reaches it from here, after nothing needs it any more.
      detached: true,
    });
    closeSync(log);
    child.once('error', () => undefined);
    if (child.pid === undefined) throw new Error(`The ${name}'s server could not be started`);
    running.set(name, child);
    child.once('exit', (code, signal) => {
      running.delete(name);
      if (stopping) return;
      forgetProcess(runFolder(dataDir), recordName(name));
      onDeath(plan, signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
    });
  };

  return {
    start: async (plan, signal) => {
      for (const folder of ['logs', 'store', 'keys'])
        mkdirSync(join(dataDir, folder), { recursive: true });
      if (!running.has(plan.organisation.name)) launch(plan);
      await untilReady(plan, signal, () => running.has(plan.organisation.name)).catch(
        (error: unknown) => {
          throw new Error(`${(error as Error).message}\n${lastLines(logFile(dataDir, plan))}`);
        },
      );
    },
    stopAll: async () => {
      stopping = true;
      // Some may not have recorded themselves yet.
      await Promise.all([...running.values()].map(endChild));
      await stopRecordedServers(dataDir);
    },
  };
}

/** Ends the servers on record, those of a killed launcher included. Returns how many still ran. */
export async function stopRecordedServers(dataDir: string): Promise<number> {
  const stopped = await Promise.all(
    organisations.map(({ name }) => stopProcess(runFolder(dataDir), recordName(name), PATIENCE)),
  );
  return stopped.filter(Boolean).length;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000);
  await ended;
  clearTimeout(force);
}

async function untilReady(
  plan: ServerPlan,
  signal: AbortSignal,
  alive: () => boolean,
): Promise<void> {
  const name = `The ${plan.organisation.name}'s server`;
  const deadline = performance.now() + 60_000;
  let reason = 'no answer';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    if (!alive()) throw new Error(`${name} ended while it was starting. The end of its log:`);
    try {
      const response = await fetch(new URL('/readyz', plan.fhir), {
        signal: AbortSignal.timeout(16_000),
      });
      if (response.ok) return;
      reason = `/readyz answered ${response.status}: ${(await response.text()).slice(0, 300)}`;
    } catch (error) {
      reason = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} is not ready after a minute (${reason}). The end of its log:`);
}

function runFolder(dataDir: string): string {
  return join(dataDir, 'run');
}

function recordName(organisation: string): string {
  return `server.${organisation}`;
}

function logFile(dataDir: string, plan: ServerPlan): string {
  return join(dataDir, 'logs', `server-${plan.organisation.name}.log`);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
