import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache-folder.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * A folder with the jar of a Maven artifact and all it needs to run, fetched once and then kept in `.cache`.
 *
 * @param artifact `group:name:version`
 * @throws Error with the output of mvn when the artifact cannot be had
 */
export function mavenClasspath(artifact: string): string {
  const folder = cached('classpath', artifact.replaceAll(/[^\w.-]+/g, '_'));
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const [group = '', name = '', version = ''] = artifact.split(':');
  const pom = join(partial, 'pom.xml');
  writeFileSync(pom, project(group, name, version));
  const { status, stdout, error } = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'],
    { encoding: 'utf8' },
  );
  if (error !== undefined)
    throw new Error(`Maven (mvn) is needed to fetch ${artifact}`, { cause: error });
  if (status !== 0) throw new Error(`mvn could not fetch ${artifact}:\n${stdout}`);
  // Only a complete folder gets the name.
  renameSync(partial, folder);
  return folder;
}

function project(group: string, name: string, version: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>chartseal</groupId><artifactId>classpath</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>`;
}
