import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { mavenClasspath } from '../../maven-classpath.ts';

const PROGRAM = join(import.meta.dirname, 'ValidatorOracle.java');
const CACHE = join(import.meta.dirname, '../../../.cache/validator');
const GROUP = 'ca.uhn.hapi.fhir';
const VERSION = '8.8.1';
const ARTIFACTS = [
  ...['hapi-fhir-validation', 'hapi-fhir-structures-r4', 'hapi-fhir-validation-resources-r4'],
  'hapi-fhir-caching-caffeine',
].map((name) => `${GROUP}:${name}:${VERSION}`);

/** Holds what HAPI's validator says of a file. */
export interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  readonly micros: number;
  /** Errors and warnings; `failure` when the validator itself broke. */
  readonly issues: readonly (readonly [severity: string, location: string, message: string])[];
}

/** Verdicts of HAPI's validator, kept in `.cache` until the files or the program are others. Takes minutes. */
export async function oracleVerdicts(
  name: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, Verdict>> {
  const key = createHash('sha256')
    .update(readFileSync(PROGRAM))
    .update(files.join('\n'))
    .digest('hex')
    .slice(0, 16);
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, `${name}-${key}.ndjson`);
  if (!existsSync(path)) {
    console.log(`asking HAPI's validator about ${files.length} ${name}, which takes minutes`);
    await ask(files, `${path}.partial`);
    renameSync(`${path}.partial`, path);
  }
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const verdicts = lines.map((line) => JSON.parse(line) as Verdict);
  return new Map(verdicts.map((verdict) => [verdict.file, verdict]));
}

async function ask(files: readonly string[], path: string): Promise<void> {
  const output = await open(path, 'w');
  const program = spawn(
    'nice',
    ['-n', '10', 'java', '-Xmx6g', '-cp', join(mavenClasspath(...ARTIFACTS), '*'), PROGRAM],
    { stdio: ['pipe', output.fd, 'ignore'] },
  );
  program.stdin?.end(`${files.join('\n')}\n`);
  const code = await new Promise<number | null>((resolve, reject) => {
    program.on('error', reject);
    program.on('close', resolve);
  });
  await output.close();
  if (code !== 0) throw new Error(`the validator ended with ${String(code)}`);
}
