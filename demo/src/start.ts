import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chooseLedger } from './choose-ledger.ts';
import { AlreadyRunning, takeLaunchLock } from './launch-lock.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { Stack } from './stack.ts';

/** What `scripts/start.mjs` hands over, in one argument. */
interface Arguments {
  readonly dataDir: string;
  readonly ledger?: LaunchOptions['ledger'];
  readonly store: string;
  readonly port: number;
  readonly fresh: boolean;
}

const root = join(import.meta.dirname, '..', '..');

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Resolves with the exit code, when the stack has been stopped or could not be started. */
async function launch(options: Arguments): Promise<number> {
  const stop = new AbortController();
  const why = (signal: string): void => stop.abort(new Error(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, why);
  // The launcher that waits for us has been killed: nobody could stop us any more.
  process.once('disconnect', () => why('disconnect'));

  let lock;
  try {
    lock = takeLaunchLock(options.dataDir);
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    console.error(error.message);
    return 1;
  }
  const { dataDir, store, port } = options;
  const stack = new Stack({ root, dataDir, store, port, ledger: chooseLedger(root, options, say) }, say);
  let code = 0;
  try {
    await stack.clearLeftovers();
    if (options.fresh) wipe(dataDir);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    await stack.start(stop.signal);
    process.on('SIGUSR2', () => void stack.revive(stop.signal));
    if (!stop.signal.aborted) {
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    }
  } catch (error) {
    if (!stop.signal.aborted) {
      console.error(`\nChartseal could not be started: ${(error as Error).message}`);
      code = 1;
    }
  }
  say('\nStopping every process …');
  await stack.stop();
  lock.release();
  say('Stopped. The data are kept.');
  return code;
}

/** Everything but the lock this process holds. */
function wipe(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name !== 'launcher.json') rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

const [argument = '{}'] = process.argv.slice(2);
// Half-finished work of an interrupted start must not keep the process, nor start anything more.
process.exit(await launch(JSON.parse(argument) as Arguments));
