// Every test, in the order of what they need; the heavy ones one after the other. Ends with one summary.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, root } from './runtime.mjs';

const node = join(root, 'node_modules', '.bin', 'node');
const reports = join(root, '.cache', 'test-reports');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/** The projects of jest.config.mjs. */
const suites = [
  { name: 'unit tests', project: 'unit', options: [] },
  { name: 'server with MongoDB and Fabric', project: 'integration', options: ['--maxWorkers=1'] },
  { name: 'Fabric network', project: 'network', options: ['--maxWorkers=1'] },
  { name: 'acceptance, on a whole stack', project: 'acceptance', options: ['--maxWorkers=1'] },
];

function run(command, args) {
  const began = performance.now();
  // Jest prints to its standard error; what a run says stays in one stream.
  const stdio = ['inherit', 'inherit', process.stdout.fd];
  const { status } = spawnSync(command, args, { cwd: root, stdio });
  return { passed: status === 0, seconds: (performance.now() - began) / 1000 };
}

/** The counts of a report of Jest; a suite that ran nothing, or left something out, has not passed. */
function countsOf(report) {
  if (!existsSync(report)) return { tests: 0, pass: 0, complete: false };
  const { numTotalTests, numPassedTests, success } = JSON.parse(readFileSync(report, 'utf8'));
  const complete = success && numTotalTests > 0 && numPassedTests === numTotalTests;
  return { tests: numTotalTests, pass: numPassedTests, complete };
}

function runSuite({ name, project, options }) {
  console.log(`\n== ${name}`);
  const report = join(reports, `${project}.json`);
  const result = run(node, [
    jest,
    `--selectProjects=${project}`,
    ...options,
    '--verbose',
    '--json',
    `--outputFile=${report}`,
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
  for (const suite of suites) {
    if (wanted.length === 0 || wanted.some((word) => suite.name.includes(word))) {
      results.push(runSuite(suite));
    }
  }
}

console.log('\n== summary');
for (const { name, passed, seconds, tests, pass } of results) {
  const counts = tests === undefined ? '' : `${pass} of ${tests} tests passed, `;
  console.log(`${passed ? 'PASS' : 'FAIL'}  ${name} (${counts}${seconds.toFixed(0)} s)`);
}
const ran = results.reduce((sum, { tests = 0 }) => sum + tests, 0);
const passed = results.reduce((sum, { pass = 0 }) => sum + pass, 0);
console.log(`tests: ${passed} passed, ${ran - passed} failed`);
process.exitCode = ran > 0 && results.every((result) => result.passed) ? 0 : 1;
