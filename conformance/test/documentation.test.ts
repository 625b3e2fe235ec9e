import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: root }),
];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Names of variables that a file takes from its environment. */
function variablesOf(file: string): readonly string[] {
  return [
    ...new Set(read(file).match(/'(?:CHARTSEAL_|CHAINCODE_)[A-Z_]+'|'(?:HOST|PORT|NODE_ENV)'/g)),
  ].map((quoted) => quoted.slice(1, -1));
}

describe('the documentation', () => {
  for (const file of ['server/src/config.ts', 'chaincode/src/main.ts']) {
    it(`explains every variable of ${file}`, () => {
      const explained = read('docs', 'environment.md')
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .flatMap((line) => line.split('|')[1]?.match(/`([A-Z_]+)`/g) ?? [])
        .map((quoted) => quoted.slice(1, -1));
      const variables = variablesOf(file);
      assert.ok(variables.length >= 6, 'the variables are found');
      assert.deepEqual(
        variables.filter((name) => !explained.includes(name)),
        [],
      );
    });
  }

  it('mentions no variable of the server that does not exist', () => {
    const known = ['server/src/setting-names.ts', 'demo/src/token.ts']
      .map((file) => read(file))
      .join('\n');
    const mentioned = new Set(
      documents.flatMap((file) => read(file).match(/\bCHARTSEAL_[A-Z_]+/g) ?? []),
    );
    // An example of a typing error.
    mentioned.delete('CHARTSEAL_POLCY');
    assert.deepEqual(
      [...mentioned].filter((name) => !known.includes(name)),
      [],
    );
  });

  it('names only npm scripts that exist', () => {
    const named = documents.flatMap((file) => [
      ...[...read(file).matchAll(/npm run (?:--silent )?([a-z][a-z:]*)/g)].map(
        ([, name]) => name ?? '',
      ),
      ...[...read(file).matchAll(/npm (start|test)\b/g)].map(([, name]) => name ?? ''),
    ]);
    assert.ok(named.includes('start') && named.includes('token'));
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });

  it('links only to files that exist', () => {
    const dead = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#]+)[^)]*\)/g)]
        .map(([, target]) => target ?? '')
        .filter(
          (target) => !target.includes('://') && !existsSync(join(root, dirname(file), target)),
        )
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(dead, []);
  });

  it('names only files of the work tree that exist', () => {
    const path =
      /`((?:server|chaincode|evidence|fhirpath|network|launch|demo|deploy|bench|conformance|docs)\/[\w./-]+)`/g;
    const missing = documents.flatMap((file) =>
      [...read(file).matchAll(path)]
        .map(([, name]) => name ?? '')
        .filter((name) => name !== 'server/definitions' && !existsSync(join(root, name)))
        .map((name) => `${file}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  it('lists every decision with its title and what became of it', () => {
    const files = globSync('docs/decisions/0*.md', { cwd: root }).sort();
    const rows = read('docs', 'decisions', 'README.md')
      .split('\n')
      .filter((line) => /^\| \[\d/.test(line));
    assert.ok(files.length > 40);
    assert.deepEqual(
      rows.map((row) => row.split('|').slice(1, 3).join('|').trim()),
      files.map((file) => {
        const [, number = '', title = ''] = /^# (\d+)\. (.*)/.exec(read(file)) ?? [];
        return `[${number}](${file.split('/').at(-1) ?? ''}) | ${title}`;
      }),
    );
    for (const row of rows) assert.match(row, /\| (in force|replaced)[^|]* \|$/);
  });

  it('every npm script runs a program that exists', () => {
    for (const [name, command] of Object.entries(scripts)) {
      if (!command.startsWith('node ')) continue;
      const programs = command.match(/[\w/.-]+\.(?:cjs|mjs|ts)(?![\w"*])/g) ?? [];
      assert.ok(programs.length > 0, `${name}: ${command}`);
      for (const file of programs) assert.ok(existsSync(join(root, file)), `${name}: ${file}`);
    }
  });
});
