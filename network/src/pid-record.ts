import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './process-identity.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** Names one process for good: its number and what tells it from a later one with the same number. */
export interface PidRecord {
  readonly pid: number;
  readonly identity: string;
  /** What it runs, where that can differ under one name. */
  readonly variant?: string;
}

const recordPath = (runDir: string, name: string): string => join(runDir, `${name}.json`);

/** @throws Error when the process has ended before it could be recorded. */
export function recordProcess(
  runDir: string,
  name: string,
  pid: number,
  variant?: string,
): PidRecord {
  const identity = processIdentity(pid);
  if (identity === undefined) throw new Error(`${name} ended at once`);
  const record = { pid, identity, ...(variant === undefined ? {} : { variant }) };
  writeFileWhole(recordPath(runDir, name), `${JSON.stringify(record)}\n`);
  return record;
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

export function forgetProcess(runDir: string, name: string): void {
  rmSync(recordPath(runDir, name), { force: true });
}

function isPidRecord(value: unknown): value is PidRecord {
  const { pid, identity } = (value ?? {}) as Partial<PidRecord>;
  return Number.isInteger(pid) && (pid as number) > 1 && typeof identity === 'string';
}
