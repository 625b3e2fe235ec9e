import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sources = [
  'tsconfig.base.json',
  'package-lock.json',
  '{evidence,fhirpath,chaincode,server}/{package.json,tsconfig.json}',
  '{evidence,fhirpath,chaincode,server}/src/**/*.ts',
  'server/scripts/**/*.ts',
  'fhir-profiles/**/*.json',
];
const products = [
  'evidence/dist/index.js',
  'fhirpath/dist/index.js',
  'chaincode/dist/index.js',
  'server/dist/server.js',
  'server/definitions',
];

/**
 * Compiles what the servers run, unless the sources are those of the last time.
 *
 * @throws Error with the compiler's output
 */
export async function compile(
  root: string,
  signal: AbortSignal,
): Promise<'compiled' | 'up to date'> {
  const stamp = join(root, '.cache', 'compiled');
  const digest = digestOf(root);
  const present = products.every((product) => existsSync(join(root, product)));
  if (present && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return 'up to date';
  await run(root, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'server'], signal);
  await run(root, [join(root, 'server', 'scripts', 'distil-definitions.ts')], signal);
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, digest);
  return 'compiled';
}

function digestOf(root: string): string {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: root }).sort()) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function run(root: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`The build failed (${args.join(' ')}):\n${output}`)),
    );
  });
}
