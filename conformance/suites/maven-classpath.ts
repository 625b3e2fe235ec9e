import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache-folder.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * A folder with the jars of Maven artifacts and all they need to run, fetched once and then kept in `.cache`.
 *
 * @param artifacts each `group:name:version`
 * @throws Error with the output of mvn when they cannot be had
 */
export function mavenClasspath(...artifacts: readonly string[]): string {
  const names = artifacts.join(' ');
  const folder = cached('classpath', names.replaceAll(/[^\w.-]+/g, '_'));
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const pom = join(partial, 'pom.xml');
  writeFileSync(pom, project(artifacts));
  const { status, stdout, error } = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'],
    { encoding: 'utf8' },
  );
  if (error !== undefined)
    throw new Error(`Maven (mvn) is needed to fetch ${names}`, { cause: error });
  if (status !== 0) throw new Error(`mvn could not fetch ${names}:\n${stdout}`);
  // Only a complete folder gets the name.
  renameSync(partial, folder);
  return folder;
}

function project(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group = '', name = '', version = ''] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>chartseal</groupId><artifactId>classpath</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>`;
}
