import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerPlan } from './launch-plan.ts';
import { identify, stopProcess, type ProcessIdentity } from './process-identity.ts';

/** Milliseconds a server may take to answer what is under way before it is ended by force. */
const patience = 15_000;

export interface ServerProcesses {
  /** Starts the server unless it runs, and waits until its store and ledger are usable. */
  readonly start: (plan: ServerPlan, signal: AbortSignal) => Promise<void>;
  readonly stopAll: () => Promise<void>;
}

/**
 * The servers of one data folder. Their identities are kept in a file, so that the next launcher finds those
 * that outlived a killed one.
 */
export function serverProcesses(
  root: string,
  dataDir: string,
  onDeath: (plan: ServerPlan, how: string) => void,
): ServerProcesses {
  const running = new Map<string, { child: ChildProcess; identity: ProcessIdentity }>();
  let stopping = false;
  const remember = (): void => {
    writeFileSync(recordFile(dataDir), JSON.stringify([...running.values()].map((each) => each.identity)));
  };

  const launch = (plan: ServerPlan): void => {
    const log = openSync(logFile(dataDir, plan), 'a');
    const child = spawn(process.execPath, [join(root, 'server', 'dist', 'server.js')], {
      cwd: root,
      env: { ...process.env, ...plan.environment },
      stdio: ['ignore', log, log],
      // Its own process group: Ctrl-C reaches it from here, after nothing needs it any more.
      detached: true,
    });
    closeSync(log);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new Error(`${plan.organisation.name}'s server could not be started`);
    running.set(plan.organisation.name, { child, identity });
    remember();
    child.once('exit', (code, signal) => {
      running.delete(plan.organisation.name);
      if (stopping) return;
      remember();
      onDeath(plan, signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
    });
  };

  return {
    start: async (plan, signal) => {
      mkdirSync(join(dataDir, 'logs'), { recursive: true });
      mkdirSync(join(dataDir, 'store'), { recursive: true });
      if (!running.has(plan.organisation.name)) launch(plan);
      await untilReady(plan, signal, () => running.has(plan.organisation.name)).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${lastLines(logFile(dataDir, plan))}`);
      });
    },
    stopAll: async () => {
      stopping = true;
      await Promise.all([...running.values()].map((each) => stopProcess(each.identity, patience)));
      rmSync(recordFile(dataDir), { force: true });
    },
  };
}

/** Ends servers that a killed launcher left behind. Returns how many there were. */
export async function stopLeftoverServers(dataDir: string): Promise<number> {
  let left: readonly ProcessIdentity[];
  try {
    left = JSON.parse(readFileSync(recordFile(dataDir), 'utf8')) as ProcessIdentity[];
  } catch {
    return 0;
  }
  const alive = left.filter((each) => identify(each.pid)?.started === each.started);
  await Promise.all(alive.map((each) => stopProcess(each, patience)));
  rmSync(recordFile(dataDir), { force: true });
  return alive.length;
}

async function untilReady(plan: ServerPlan, signal: AbortSignal, alive: () => boolean): Promise<void> {
  const name = `${plan.organisation.name}'s server`;
  const deadline = performance.now() + 60_000;
  let reason = 'no answer';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    if (!alive()) throw new Error(`${name} ended while it was starting. The end of its log:`);
    try {
      const response = await fetch(new URL('/readyz', plan.fhir), { signal: AbortSignal.timeout(16_000) });
      if (response.ok) return;
      reason = `/readyz answered ${response.status}: ${(await response.text()).slice(0, 300)}`;
    } catch (error) {
      reason = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} is not ready after a minute (${reason}). The end of its log:`);
}

function recordFile(dataDir: string): string {
  return join(dataDir, 'servers.json');
}

function logFile(dataDir: string, plan: ServerPlan): string {
  return join(dataDir, 'logs', `server-${plan.organisation.name}.log`);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
