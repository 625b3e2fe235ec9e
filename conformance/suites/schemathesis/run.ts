import { spawnSync } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from '../python-environment.ts';
import { withStack, type WholeStack } from '../whole-stack.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..', '..', '..');
const AT_LEAST = 5_000;

interface Report {
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: readonly object[];
}

/** Searches are many and take little; what takes a resource is little and deep. */
const PASSES: readonly { readonly name: string; readonly options: readonly string[] }[] = [
  { name: 'everything', options: ['--max-examples', '20'] },
  {
    name: 'resources',
    options: ['--max-examples', '300', '--include-path-regex', String.raw`^/(\{type\}.*)?$`],
  },
];

/** Schemathesis fuzzes the whole API by our own OpenAPI document: no request may make the server fail. */
export function runSchemathesisSuite(): Promise<boolean> {
  const program = join(
    pythonEnvironment('schemathesis', join(here, 'requirements.txt')),
    'schemathesis',
  );
  return withStack({ name: 'schemathesis', port: 18_580, ledger: 'embedded' }, async (stack) => {
    const { origin } = new URL(stack.hospital);
    const document = join(stack.data, 'openapi.json');
    writeFileSync(document, await (await fetch(`${origin}/openapi.json`)).text());
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    let asked = 0;
    let failed = 0;
    for (const { name, options } of PASSES) {
      const report = fuzz(program, stack, { document, seed, name, options });
      const counts = Object.entries(report.statuses);
      asked += counts.reduce((sum, [, count]) => sum + count, 0);
      failed += report.failures.length;
      console.log(`${name}: ${counts.map(([status, count]) => `${count} × ${status}`).join(', ')}`);
      for (const failure of report.failures) console.log(`FAIL  ${JSON.stringify(failure)}`);
    }
    console.log(`${asked} requests, ${failed} with a status of 500 or more`);
    const alive = (await fetch(`${origin}/readyz`)).status === 200;
    return asked >= AT_LEAST && failed === 0 && alive;
  });
}

function fuzz(
  program: string,
  stack: WholeStack,
  pass: {
    readonly document: string;
    readonly seed: number;
    readonly name: string;
    readonly options: readonly string[];
  },
): Report {
  const report = join(stack.data, `${pass.name}.json`);
  const token = ['npm', 'run', '--silent', 'token', '--', 'system', '--data', stack.data];
  const { status } = spawnSync(
    program,
    [
      'run',
      pass.document,
      // More workers get into each other's way when they make values.
      ...['--url', stack.hospital, '--checks', 'not_a_server_error', '--workers', '1'],
      ...['--phases', 'coverage,fuzzing', '--seed', String(pass.seed), '--continue-on-failure'],
      ...['--warnings', 'off', '--request-timeout', '30', '--no-color'],
      ...['--suppress-health-check', 'all', ...pass.options],
    ],
    {
      cwd: root,
      stdio: ['ignore', openSync(join(stack.data, `${pass.name}.log`), 'w'), 'inherit'],
      timeout: 1_500_000,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: 'hooks',
        PYTHONPATH: here,
        FUZZ_SEED: String(pass.seed),
        FUZZ_EXAMPLES: join(root, 'node_modules', 'hl7.fhir.r4.examples'),
        FUZZ_REPORT: report,
        FUZZ_TOKEN_COMMAND: JSON.stringify(token),
      },
    },
  );
  if (status === null) throw new Error('schemathesis did not end by itself');
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}
