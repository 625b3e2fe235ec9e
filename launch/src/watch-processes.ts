import { isLocked } from '@chartseal/network/lock';
import { isOnRecord, runningProcess } from '@chartseal/network/pid-record';

/** `stopped` by a command of the network, which takes it off the record; whatever else ends has `died`. */
export type TellEnd = (name: string, end: 'died' | 'stopped') => void;

export interface Watched {
  readonly names: readonly string[];
  /** Folder of the records. */
  readonly run: string;
  /** The lock that commands hold which change the network. */
  readonly lock: string;
  readonly told: TellEnd;
}

/**
 * Tells once of each process that runs no more, until the signal is aborted. What a command stops in order to start it
 * again (`renew`, `up`) is not told of.
 * @param every ms
 */
export function watchProcesses(watched: Watched, signal: AbortSignal, every = 1_000): void {
  const { names, run, lock, told } = watched;
  let seen = new Map<string, 'alive' | 'gone' | 'told'>(names.map((name) => [name, 'alive']));
  const now = (name: string): 'alive' | 'gone' | 'told' => {
    const before = seen.get(name);
    if (runningProcess(run, name) !== undefined) return 'alive';
    // Whoever stops a process takes it off the record a moment after its end: the second look is the one that counts.
    if (before !== 'gone') return before === 'told' ? 'told' : 'gone';
    if (isOnRecord(run, name)) told(name, 'died');
    else if (isLocked(lock)) return 'gone';
    else told(name, 'stopped');
    return 'told';
  };
  const timer = setInterval(() => {
    seen = new Map(names.map((name) => [name, now(name)]));
  }, every);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
