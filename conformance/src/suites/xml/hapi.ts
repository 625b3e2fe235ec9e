import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { mavenClasspath } from '../../maven-classpath.ts';

/** Holds what HAPI FHIR, by its own parsers, says of XML files and the JSON they were made of. */
export interface HapiJudgement {
  readonly compared: number;
  readonly faults: readonly string[];
  /** JSON that HAPI does not read itself. */
  readonly skipped: readonly string[];
}

/** @throws Error when java cannot be run */
export function judgedByHapi(jsonFolder: string, xmlFolder: string): HapiJudgement {
  const jars = mavenClasspath(
    'ca.uhn.hapi.fhir:hapi-fhir-structures-r4:8.8.1',
    'ca.uhn.hapi.fhir:hapi-fhir-caching-caffeine:8.8.1',
  );
  const { status, stdout, stderr } = spawnSync(
    'java',
    ['-cp', join(jars, '*'), join(import.meta.dirname, 'HapiReader.java'), jsonFolder, xmlFolder],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const compared = /^COMPARED (\d+)$/m.exec(stdout)?.[1];
  if (status !== 0 || compared === undefined) throw new Error(`HAPI's reader failed:\n${stderr}`);
  const of = (word: string): string[] =>
    [...stdout.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, line]) => line ?? '');
  return { compared: Number(compared), faults: of('FAIL'), skipped: of('SKIP') };
}
