import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '..', '.cache');
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/**
 * A folder with those files of a Maven artifact that match a pattern, fetched once and then kept in `.cache`.
 *
 * @param artifact `group:name:version`
 * @param includes Ant pattern of the paths inside of the jar
 * @throws Error with the output of mvn when the artifact cannot be had
 */
export function mavenFiles(artifact: string, includes: string): string {
  const name = `${artifact}/${includes}`.replaceAll(/[^\w.-]+/g, '_');
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const { status, stdout, error } = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      UNPACK,
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${partial}`,
      `-Dmdep.unpack.includes=${includes}`,
    ],
    { encoding: 'utf8', cwd: CACHE },
  );
  if (error !== undefined)
    throw new Error('Maven (mvn) is needed to fetch the cases', { cause: error });
  if (status !== 0) throw new Error(`mvn could not fetch ${artifact}:\n${stdout}`);
  // Only a complete folder gets the name.
  renameSync(partial, folder);
  return folder;
}
