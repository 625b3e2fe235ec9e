import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../topology/layout.ts';
import { runningProcess, selfRecording, type PidRecord } from './pid-record.ts';
import { processIdentity } from './process-identity.ts';

/** A long-running process of the network; `name` is `<role>.<organisation>`. */
export interface ProcessDefinition {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Kept in the record: tells processes of one name apart that run different things. */
  readonly variant?: string;
}

const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Lists what a Fabric process needs of its surroundings; nothing else is handed down. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'GOMAXPROCS', 'GOMEMLIMIT', 'GOGC'];

export const logPath = (layout: Layout, name: string): string => join(layout.logs, `${name}.log`);

/** Starts a process on its own, so that it outlives this one; returns the running one if there is one. */
export function startProcess(layout: Layout, definition: ProcessDefinition): PidRecord {
  const running = runningProcess(layout.run, definition.name);
  if (running !== undefined) return running;
  mkdirSync(layout.logs, { recursive: true });
  mkdirSync(definition.cwd, { recursive: true });
  const log = logPath(layout, definition.name);
  keepLogSmall(log);
  const file = openSync(log, 'a', 0o600);
  try {
    const inherited = INHERITED.flatMap((k) =>
      process.env[k] === undefined ? [] : [[k, process.env[k]]],
    );
    const line = [definition.command, ...definition.args];
    const [command, args] = selfRecording(layout.run, definition.name, line, definition.variant);
    const child = spawn(command, args, {
      cwd: definition.cwd,
      env: { ...(Object.fromEntries(inherited) as Record<string, string>), ...definition.env },
      detached: true,
      stdio: ['ignore', file, file],
    });
    child.on('error', () => undefined);
    child.unref();
    const identity = child.pid === undefined ? undefined : processIdentity(child.pid);
    if (child.pid === undefined || identity === undefined) {
      throw new Error(`${definition.name} did not start: see ${log}`);
    }
    return { pid: child.pid, identity };
  } finally {
    closeSync(file);
  }
}

function keepLogSmall(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
}
