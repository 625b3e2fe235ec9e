import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createEmptyTestResult } from '@jest/test-result';
import { formatExecError } from 'jest-message-util';

const program = join(import.meta.dirname, 'one-file.mjs');
/** A process has so long to end after its last test (ms); what a test left open would hold it for ever. */
const MOST_AFTERWARDS = 30_000;
/** A file has so long to be loaded (ms), if the configuration gives its tests no less. */
const MOST_LOADING = 120_000;

/** A runner of Jest that gives every test file a process of its own. */
export default class ProcessRunner {
  #globalConfig;

  constructor(globalConfig) {
    this.#globalConfig = globalConfig;
  }

  /** Called by Jest; `serial` is what `--maxWorkers=1` comes to. */
  async runTests(tests, watcher, onStart, onResult, onFailure, { serial }) {
    const waiting = [...tests];
    const work = async () => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        if (watcher.isInterrupted()) return;
        await onStart(test);
        try {
          await onResult(test, await this.#resultOf(test));
        } catch (error) {
          await onFailure(test, error);
        }
      }
    };
    await Promise.all(Array.from({ length: serial ? 1 : this.#globalConfig.maxWorkers }, work));
  }

  /**
   * Runs the file and returns what Jest calls its test result.
   * @throws the error that kept the file from being loaded, or its process from running to its end
   */
  async #resultOf({ path, context: { config } }) {
    const { testNamePattern, testTimeout } = this.#globalConfig;
    const { rootDir, displayName } = config;
    const start = Date.now();
    const { told, ending } = await processOf({
      path,
      rootDir,
      testNamePattern,
      testTimeout: config.testTimeout ?? testTimeout,
    });
    if (told === undefined) throw asError(ending);
    if (told.unloadable !== undefined) throw told.unloadable;
    const end = Date.now();
    const empty = createEmptyTestResult();
    const perfStats = { ...empty.perfStats, start, end, runtime: end - start };
    const result = { ...empty, ...told, displayName, testFilePath: path, perfStats };
    const faults = whyFailed(told, ending, testNamePattern);
    return faults.length === 0 ? result : failed(result, faults.join('; '), config);
  }
}

/** Says why a file has failed besides its tests. */
function whyFailed({ numPendingTests, numTodoTests }, ending, testNamePattern) {
  const leftOut = numPendingTests + numTodoTests;
  return [
    ...(leftOut > 0 && !testNamePattern ? [`${leftOut} of its tests were left out`] : []),
    ...(ending === 'exit code 0' ? [] : [`Its process ended with ${ending} after its tests`]),
  ];
}

/** An error that Jest prints without a stack: it would be of this file. */
function asError(message) {
  return { message, stack: message };
}

/** The same result, failed as a whole. */
function failed(result, message, config) {
  const testExecError = asError(message);
  const told = formatExecError(testExecError, config, { noStackTrace: true });
  return { ...result, testExecError, failureMessage: `${result.failureMessage ?? ''}${told}\n` };
}

/** Runs one file. Resolves with what its process told, if it came to that, and how it ended. */
function processOf(asked) {
  // Jest sets it for its own sake, and servers read it.
  const { NODE_ENV, ...others } = process.env;
  const env = NODE_ENV === 'test' ? others : process.env;
  const child = fork(program, {
    env,
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    const key = randomUUID();
    let told;
    let late;
    let isLate = false;
    let isLoaded = false;
    const within = (ms) => {
      clearTimeout(late);
      late = setTimeout(() => (isLate = child.kill('SIGKILL')), ms);
    };
    within(Math.min(MOST_LOADING, asked.testTimeout ?? MOST_LOADING));
    child.once('error', reject);
    // Tests may send messages of their own.
    child.on('message', (message) => {
      if (message?.key !== key) return;
      clearTimeout(late);
      isLoaded = true;
      if (message.loaded) return;
      told = message.told;
      within(MOST_AFTERWARDS);
    });
    child.once('close', (code, signal) => {
      clearTimeout(late);
      resolve({ told, ending: endingOf({ code, signal, isLate, isLoaded, told }) });
    });
    child.send({ ...asked, key });
  });
}

/** Says how the process of a file has ended, `exit code 0` when all is well. */
function endingOf({ code, signal, isLate, isLoaded, told }) {
  const ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
  if (isLate && !isLoaded) return `It was not loaded in time (${ending})`;
  if (isLate) return `something still open (${ending})`;
  return told === undefined ? `Its process ended amid its tests: ${ending}` : ending;
}
