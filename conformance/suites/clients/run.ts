import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { mavenClasspath } from '../maven-classpath.ts';
import { pythonEnvironment } from '../python-environment.ts';
import { suiteOption } from '../suite-option.ts';
import { withStack, type WholeStack } from '../whole-stack.ts';
import { CONDITIONS, STEPS, type ClientEnvironment } from './steps.ts';

const here = import.meta.dirname;

interface ClientProgram {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly steps: readonly string[];
}

/** The last of the lines of HAPI that are in use: they differ in how they write a condition. */
const HAPI = ['6.10.5', '7.6.1', '8.8.1'];

/** Independent FHIR clients, unmodified, each on the hospital's and the pharmacy's journey over a whole stack. */
export async function runClientSuite(): Promise<boolean> {
  const programs = [...nodeClients(), ...pythonClients(), ...HAPI.map(javaClient)];
  const ledger =
    suiteOption('ledger', /^(fabric|embedded)$/) === 'embedded' ? 'embedded' : 'fabric';
  return withStack({ name: 'clients', port: 18_480, ledger }, (stack) => {
    const passed = programs.map((program) => runClient(program, stack));
    return Promise.resolve(passed.every(Boolean));
  });
}

function runClient(program: ClientProgram, stack: WholeStack): boolean {
  const environment: ClientEnvironment = {
    HOSPITAL: stack.hospital,
    PHARMACY: stack.pharmacy,
    SYSTEM_TOKEN: stack.token('system'),
    PHARMACIST_TOKEN: stack.token('pharmacist'),
    DISPENSER_TOKEN: stack.token('pharmacist', '--server', 'pharmacy'),
  };
  const { status, stdout, stderr } = spawnSync(program.command, program.arguments, {
    cwd: here,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 240_000,
  });
  const done = [...stdout.matchAll(/^done (\S+)$/gm)].map(([, step]) => step);
  const missing = program.steps.filter((step) => !done.includes(step));
  const passed = status === 0 && missing.length === 0;
  console.log(
    `${passed ? 'PASS' : 'FAIL'}  ${program.name}: ${done.length} of ${program.steps.length} steps`,
  );
  if (!passed) console.log(`missing: ${missing.join(', ')}\n${stderr.slice(-4000)}`);
  return passed;
}

function nodeClients(): readonly ClientProgram[] {
  return [
    { name: 'fhir-kit-client (npm)', file: 'fhir-kit-client.ts' },
    { name: '@medplum/core (npm)', file: 'medplum.ts' },
  ].map(({ name, file }) => ({
    name,
    command: process.execPath,
    arguments: [join(here, file)],
    steps: STEPS,
  }));
}

function pythonClients(): readonly ClientProgram[] {
  const programs = pythonEnvironment('clients', join(here, 'requirements.txt'));
  return [
    { name: 'fhirpy (PyPI)', file: 'fhirpy_client.py' },
    { name: 'fhirclient (PyPI)', file: 'fhirclient_client.py' },
  ].map(({ name, file }) => ({
    name,
    command: join(programs, 'python'),
    arguments: [join(here, file)],
    steps: STEPS,
  }));
}

function javaClient(version: string): ClientProgram {
  const jars = mavenClasspath(
    `ca.uhn.hapi.fhir:hapi-fhir-client:${version}`,
    `ca.uhn.hapi.fhir:hapi-fhir-structures-r4:${version}`,
    `ca.uhn.hapi.fhir:hapi-fhir-caching-caffeine:${version}`,
  );
  return {
    name: `HAPI FHIR client ${version} (Maven)`,
    command: 'java',
    arguments: ['-cp', join(jars, '*'), join(here, 'HapiJourneys.java')],
    steps: [...STEPS, ...CONDITIONS],
  };
}
