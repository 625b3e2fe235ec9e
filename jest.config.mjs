import { createRequire } from 'node:module';

// Node loads the tests itself, each file in a process of its own: docs/decisions/0048-jest-in-processes.md says why.
const here = (name) => `<rootDir>/scripts/jest/${name}`;
const { workspaces } = createRequire(import.meta.url)('./package.json');
const withNetworks = ['network', 'launch'];
const withMongoAndFabric = workspaces.filter((name) => !withNetworks.includes(name));
const under = (names, files) => `<rootDir>/{${names.join(',')}}/test/**/${files}`;

/** A project: its test files, and the time that a test or hook has unless it names its own (ms). */
const project = (displayName, testMatch, testTimeout, more = {}) => ({
  displayName,
  testMatch: [testMatch],
  testTimeout,
  roots: workspaces.map((name) => `<rootDir>/${name}`),
  modulePathIgnorePatterns: ['/dist/', '/[.]data/', '/[.]cache/'],
  transform: {},
  runner: here('process-runner.mjs'),
  ...more,
});

export default {
  projects: [
    project('unit', under(workspaces, '!(*.int).test.ts'), 120_000),
    project('integration', under(withMongoAndFabric, '*.int.test.ts'), 600_000),
    project('network', under(withNetworks, '*.int.test.ts'), 600_000),
    project('acceptance', '<rootDir>/conformance/acceptance/**/*.test.ts', 600_000, {
      globalSetup: '<rootDir>/conformance/acceptance/support/before-all.ts',
      globalTeardown: '<rootDir>/conformance/acceptance/support/after-all.ts',
    }),
  ],
  testSequencer: here('by-name.mjs'),
  cacheDirectory: '<rootDir>/.cache/jest',
  watchman: false,
};
