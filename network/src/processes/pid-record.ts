import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity, SHELL_IDENTITY } from './process-identity.ts';

/** Names one process for good: its number and what tells it from a later one with the same number. */
export interface PidRecord {
  readonly pid: number;
  readonly identity: string;
  /** Says what it runs, where that can differ under one name. */
  readonly variant?: string;
}

const recordPath = (runDir: string, name: string): string => join(runDir, `${name}.json`);

/**
 * A command line that records itself and then becomes `command`. Recording is not left to the parent,
 * so that no process goes unrecorded when the parent is killed just after starting it.
 */
export function selfRecording(
  runDir: string,
  name: string,
  command: readonly string[],
  variant = '',
): readonly [string, readonly string[]] {
  mkdirSync(runDir, { recursive: true });
  const script = `identity=${SHELL_IDENTITY}
printf '{"pid":%d,"identity":"%s","variant":"%s"}\\n' $$ "$identity" "$2" >"$1.$$" && mv "$1.$$" "$1" || exit
shift 2
exec "$@"`;
  return ['/bin/sh', ['-c', script, name, recordPath(runDir, name), variant, ...command]];
}

/** The recorded process if it still runs; a number that another process has got since is not it. */
export function runningProcess(runDir: string, name: string): PidRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(recordPath(runDir, name), 'utf8'));
  } catch {
    return undefined;
  }
  return isPidRecord(record) && isRunning(record) ? record : undefined;
}

export function isRunning(record: PidRecord): boolean {
  return processIdentity(record.pid) === record.identity;
}

/** True of what was started and not stopped since, whether it lives or has died. */
export function isOnRecord(runDir: string, name: string): boolean {
  return existsSync(recordPath(runDir, name));
}

export function forgetProcess(runDir: string, name: string): void {
  rmSync(recordPath(runDir, name), { force: true });
}

function isPidRecord(value: unknown): value is PidRecord {
  const { pid, identity } = (value ?? {}) as Partial<PidRecord>;
  return Number.isInteger(pid) && (pid as number) > 1 && typeof identity === 'string';
}
