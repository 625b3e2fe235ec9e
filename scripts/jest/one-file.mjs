// Runs the tests of the file that process-runner.mjs names, in this process, and tells it what came of them.
import { once } from 'node:events';
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getState, run, setState } from 'jest-circus';
import { resultOf } from './result.mjs';

const globals = new URL('globals.mjs', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals'
      ? { url: globals, format: 'module', shortCircuit: true }
      : next(specifier, context),
});

/** Counts what nobody caught as a failure of the test that runs, else of the whole file. */
function fail(error) {
  const { currentlyRunningTest, unhandledErrors } = getState();
  (currentlyRunningTest?.errors ?? unhandledErrors).push([error, error]);
}
const orphaned = () => process.exit(1);

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.once('disconnect', orphaned);
const [{ key, path, rootDir, testNamePattern, testTimeout }] = await once(process, 'message');
enableCompileCache(join(rootDir, '.cache', 'jest-modules'));
setState({
  ...getState(),
  testTimeout,
  testNamePattern: testNamePattern ? new RegExp(testNamePattern, 'i') : null,
});
let told;
try {
  await import(pathToFileURL(path).href);
  process.send({ key, loaded: true });
  told = resultOf(await run(), { path, rootDir });
} catch (error) {
  told = { unloadable: { message: String(error), stack: error?.stack ?? String(error) } };
}
process.off('uncaughtException', fail);
process.off('unhandledRejection', fail);
process.off('disconnect', orphaned);
process.send({ key, told }, () => process.disconnect());
