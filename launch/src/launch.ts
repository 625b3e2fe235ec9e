import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeDataFolder } from '@chartseal/network/data-folder';
import { wrongNames } from '@chartseal/server/setting-names';
import { checkStore } from './check-store.ts';
import { chooseLedger } from './choose-ledger.ts';
import { givenPackages } from './given-packages.ts';
import { asOnlyLauncher, lockFile } from './launch-lock.ts';
import type { Demonstration } from './demonstration.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { Stack } from './stack.ts';

/** Says what `npm start` was asked for, as `scripts/start.mjs` hands it over. */
export interface StartOptions {
  readonly dataDir: string;
  readonly ledger?: LaunchOptions['ledger'];
  readonly store: string;
  readonly port: number;
  readonly fresh: boolean;
  /** Absolute paths. */
  readonly packages: readonly string[];
}

const root = join(import.meta.dirname, '..', '..');

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Runs until it is asked to stop. Resolves with the exit code when no process is left. */
async function run(
  options: StartOptions,
  demonstration: Demonstration,
  stop: AbortSignal,
): Promise<number> {
  const { dataDir, store, port, packages } = options;
  const ledger = chooseLedger(root, options, say);
  const stack = new Stack({ root, dataDir, store, port, ledger, packages }, demonstration, say);
  let code = 0;
  try {
    await checkStore(root, store);
    await stack.clearLeftovers();
    if (options.fresh) wipe(dataDir);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    await stack.start(stop);
    process.on('SIGUSR2', () => void stack.revive(stop));
    if (!stop.aborted) {
      await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    }
  } catch (error) {
    if (!stop.aborted) {
      code = 1;
      console.error(`\nChartseal could not be started: ${(error as Error).message}`);
    }
  }
  say('\nStopping every process …');
  await stack.stop();
  say('Stopped. The data are kept.');
  return code;
}

/** Empties the data folder, but for the lock that this process holds. */
function wipe(dataDir: string): void {
  const lock = basename(lockFile(dataDir));
  for (const name of readdirSync(dataDir)) {
    if (name !== lock) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

/**
 * Starts everything that `npm start` starts and ends this process when nothing of it is left: with 0 when it was asked
 * to stop, else with 1 and a sentence on standard error.
 */
export async function launch(options: StartOptions, demonstration: Demonstration): Promise<never> {
  const stop = askedToStop();
  try {
    assertKnownNames();
    for (const name of givenPackages(options.packages)) say(`FHIR package ${name}`);
    makeDataFolder(options.dataDir);
    const code = await asOnlyLauncher(options.dataDir, () => run(options, demonstration, stop));
    // Work that was interrupted half way must not keep this process, nor begin anything more.
    process.exit(process.exitCode ?? code);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

/** The servers inherit this environment and would refuse it, the first of them when all else has been built. */
function assertKnownNames(): void {
  const wrong = wrongNames(process.env);
  if (wrong.length > 0)
    throw new Error(`The environment of npm start is not usable:\n  ${wrong.join('\n  ')}`);
}

/** Is aborted by whatever means that nobody wants, or could stop, this process any more. */
function askedToStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  // The script that waits for us was killed: nobody could stop us any more.
  process.once('disconnect', () => stop.abort(new Error('the launching process has died')));

  // Nobody reads any more (`npm start | head`), or a fault of our own: no process may be left behind for it.
  process.stdout.on('error', () => stop.abort(new Error('the output was closed')));
  process.stderr.on('error', () => stop.abort(new Error('the output was closed')));
  process.on('uncaughtException', (error) => {
    console.error(error);
    process.exitCode = 1;
    stop.abort(error);
  });
  return stop.signal;
}
