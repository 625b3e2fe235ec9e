import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../cache-folder.ts';
import { withStack, type WholeStack } from '../../whole-stack.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..', '..', '..');
const AT_LEAST = 5_000;

interface Report {
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: readonly object[];
}

/** Schemathesis fuzzes the whole API by our own OpenAPI document: no request may make the server fail. */
export function runSchemathesisSuite(): Promise<boolean> {
  const program = installed();
  return withStack({ name: 'schemathesis', port: 18_580, ledger: 'embedded' }, async (stack) => {
    const report = await fuzz(program, stack);
    const asked = Object.values(report.statuses).reduce((sum, count) => sum + count, 0);
    const answers = Object.entries(report.statuses).map(([status, count]) => `${count} × ${status}`);
    console.log(`${asked} requests: ${answers.join(', ')}`);
    for (const failure of report.failures) console.log(`FAIL  ${JSON.stringify(failure)}`);
    const alive = (await fetch(`${new URL(stack.hospital).origin}/readyz`)).status === 200;
    return asked >= AT_LEAST && report.failures.length === 0 && alive;
  });
}

async function fuzz(program: string, stack: WholeStack): Promise<Report> {
  const document = join(stack.data, 'openapi.json');
  const report = join(stack.data, 'report.json');
  const response = await fetch(`${new URL(stack.hospital).origin}/openapi.json`);
  writeFileSync(document, await response.text());
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const token = ['npm', 'run', '--silent', 'token', '--', 'system', '--data', stack.data];
  spawnSync(
    program,
    [
      'run',
      document,
      ...['--url', stack.hospital, '--checks', 'not_a_server_error', '--workers', '2'],
      ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '20', '--seed', String(seed)],
      ...['--continue-on-failure', '--warnings', 'off', '--request-timeout', '30', '--no-color'],
      ...['--suppress-health-check', 'all'],
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: 1_500_000,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: 'hooks',
        PYTHONPATH: here,
        FUZZ_SEED: String(seed),
        FUZZ_EXAMPLES: join(root, 'node_modules', 'hl7.fhir.r4.examples'),
        FUZZ_REPORT: report,
        FUZZ_TOKEN_COMMAND: JSON.stringify(token),
      },
    },
  );
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

/** The program, in a virtual environment below the cache. */
function installed(): string {
  const folder = cached('python', 'schemathesis');
  const program = join(folder, 'bin', 'schemathesis');
  if (existsSync(join(folder, 'complete'))) return program;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [command = '', ...rest] of [
    ['python3', '-m', 'venv', folder],
    [join(folder, 'bin', 'pip'), 'install', '--quiet', '-r', join(here, 'requirements.txt')],
  ]) {
    const { status, error } = spawnSync(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (error !== undefined) throw new Error('Python 3 is needed for this suite', { cause: error });
    if (status !== 0) throw new Error(`${command} ${rest.join(' ')} failed`);
  }
  writeFileSync(join(folder, 'complete'), '');
  return program;
}
