import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface ProcessUse {
  /** Seconds of CPU time since its start. */
  readonly cpu: number;
  /** Resident memory, MiB. */
  readonly memory: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU and memory of every process of a stack, by its name. Costs milliseconds: never call it during a phase. */
export function processUse(dataDir: string): ReadonlyMap<string, ProcessUse> {
  const use = new Map<string, ProcessUse>();
  for (const file of globSync(['run/*.json', 'network/run/*.json'], { cwd: dataDir }).sort()) {
    const { pid } = JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as { pid: number };
    try {
      use.set(basename(file, '.json'), useOf(pid));
    } catch {
      // It does not run.
    }
  }
  return use;
}

function useOf(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const resident = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    memory: Number(resident ?? 0) / 1024,
  };
}

/** Bytes of the blocks on the hospital's peer: what every peer keeps for good. */
export function ledgerBytes(dataDir: string): number {
  return globSync('network/hospital/peer/**/blockfile_*', { cwd: dataDir }).reduce(
    (sum, file) => sum + statSync(join(dataDir, file)).size,
    0,
  );
}
