// Every test, in the order of what they need; the heavy ones one after the other. Ends with one summary.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, root } from './runtime.mjs';

const node = join(root, 'node_modules', '.bin', 'node');
const reports = join(root, '.cache', 'test-reports');

const suites = [
  {
    name: 'unit tests',
    files: [
      '{evidence,fhirpath,chaincode,server,network,demo,bench,conformance}/test/**/!(*.int).test.ts',
    ],
    options: [],
  },
  {
    name: 'server with MongoDB and Fabric',
    files: ['{evidence,chaincode,server,conformance}/test/**/*.int.test.ts'],
    options: ['--test-concurrency=1'],
  },
  {
    name: 'Fabric network',
    files: ['{network,demo}/test/**/*.int.test.ts'],
    options: ['--test-concurrency=1'],
  },
  {
    name: 'acceptance, on a whole stack',
    files: ['conformance/acceptance/*.test.ts'],
    options: [
      '--test-concurrency=1',
      `--test-global-setup=${join(root, 'conformance', 'acceptance', 'support', 'whole-run.ts')}`,
    ],
  },
];

function run(command, args) {
  const began = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  return { passed: status === 0, seconds: (performance.now() - began) / 1000 };
}

/** The counts at the end of a TAP report; a suite that ran nothing, or left something out, has not passed. */
function countsOf(report) {
  const counts = {};
  for (const [, name, value] of readFileSync(report, 'utf8').matchAll(
    /^# (tests|pass|fail|cancelled|skipped|todo) (\d+)$/gm,
  )) {
    counts[name] = Number(value);
  }
  const complete = counts.tests > 0 && counts.pass === counts.tests;
  return { ...counts, complete };
}

function runSuite({ name, files, options }, index) {
  console.log(`\n== ${name}`);
  const report = join(reports, `${index}.tap`);
  const result = run(node, [
    '--test',
    ...options,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${report}`,
    ...files,
  ]);
  const counts = countsOf(report);
  return { name, ...result, ...counts, passed: result.passed && counts.complete };
}

if (!(await ensurePackages())) process.exit(1);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const wanted = process.argv.slice(2);
const results = [];
console.log('== build');
const build = run('npm', ['run', '--silent', 'build']);
results.push({ name: 'build', ...build });
if (build.passed) {
  for (const [index, suite] of suites.entries()) {
    if (wanted.length === 0 || wanted.some((word) => suite.name.includes(word))) {
      results.push(runSuite(suite, index));
    }
  }
}

console.log('\n== summary');
for (const { name, passed, seconds, tests, pass } of results) {
  const counts = tests === undefined ? '' : `${pass} of ${tests} tests passed, `;
  console.log(`${passed ? 'PASS' : 'FAIL'}  ${name} (${counts}${seconds.toFixed(0)} s)`);
}
process.exitCode = results.every((result) => result.passed) ? 0 : 1;
