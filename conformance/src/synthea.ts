import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cached } from './cache-folder.ts';
import { mavenClasspath } from './maven-classpath.ts';

const VERSION = '3.3.0';
/** Says where the simulated time ends, so that the same seed always gives the same data. */
const LAST_DAY = '20240101';

export interface Population {
  readonly patients: number;
  /** Says how far back their records reach. */
  readonly years: number;
  readonly seed: number;
}

/**
 * Transaction bundles of synthetic patients (US Core 6.1), made once by Synthea and kept in `.cache/synthea`. The same
 * population gives the same bundles.
 *
 * @returns paths in the order they must be sent: hospitals, practitioners, then one file per patient; Synthea adds
 *   patients who died before the last day to those asked for
 * @throws Error when Java or Maven is missing, or Synthea fails
 */
export async function syntheaBundles(population: Population): Promise<readonly string[]> {
  const { patients, years, seed } = population;
  const folder = cached('synthea', `${VERSION}-p${patients}-y${years}-s${seed}`);
  if (!existsSync(folder)) await generate(population, folder);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

async function generate(population: Population, folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await runSynthea(population, partial);
  const made = join(partial, 'fhir');
  for (const name of readdirSync(made)) renameSync(join(made, name), join(made, orderedName(name)));
  // Only a complete folder gets the name.
  renameSync(made, folder);
  rmSync(partial, { recursive: true });
}

/** Sorted by name, what others refer to comes first; the names Synthea gives carry the time it ran. */
function orderedName(name: string): string {
  if (name.startsWith('hospitalInformation')) return '0-hospitals.json';
  if (name.startsWith('practitionerInformation')) return '1-practitioners.json';
  return `patient-${name}`;
}

async function runSynthea({ patients, years, seed }: Population, folder: string): Promise<void> {
  const classpath = join(mavenClasspath(`org.mitre.synthea:synthea:${VERSION}`), '*');
  const settings = {
    'exporter.baseDirectory': folder,
    'exporter.years_of_history': years,
    'exporter.pretty_print': false,
    'exporter.metadata.export': false,
    'exporter.fhir.transaction_bundle': true,
    'exporter.fhir.use_us_core_ig': true,
    'exporter.fhir.us_core_version': '6.1.0',
    'exporter.hospital.fhir.export': true,
    'exporter.practitioner.fhir.export': true,
    // More threads share random numbers in an order of chance.
    'generate.thread_pool_size': 1,
  };
  const child = spawn(
    'nice',
    [
      ...['-n', '10', 'java', '-Duser.timezone=UTC', '-cp', classpath, 'App'],
      ...['-p', patients, '-s', seed, '-cs', seed, '-r', LAST_DAY, '-e', LAST_DAY].map(String),
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  const failed = once(child, 'error').then(([error]) => {
    throw new Error('Java is needed to run Synthea', { cause: error });
  });
  const ended = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      said.splice(0, Math.max(0, said.push(line) - 20));
      const done = /^(\d+) -- /.exec(line)?.[1];
      if (done !== undefined) console.error(`synthea: patient ${done} of ${patients}`);
    });
  }
  const [code] = (await Promise.race([ended, failed])) as [number | null];
  if (code !== 0) throw new Error(`Synthea failed:\n${said.join('\n')}`);
}
