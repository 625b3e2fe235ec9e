import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, jest } from '@jest/globals';

jest.setTimeout(600_000);

const root = join(import.meta.dirname, '..', '..', '..');
const guard = './evidence/bin/needed-node.cjs';
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** A real Node of this version, from the package registry once, kept in `.cache/node`. */
function realNode(version: string): string {
  const folder = join(root, '.cache', 'node', version);
  const program = join(folder, 'node_modules', '.bin', 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const args = ['install', '--no-audit', '--no-fund', '--silent', `node@${version}`];
    execFileSync('npm', args, { cwd: folder });
  }
  assert.equal(execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(), `v${version}`);
  return program;
}

function run(node: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** What each npm command for users runs, without the word `node`. */
const commands = Object.entries(scripts)
  .filter(([, command]) => command.startsWith(`node -r ${guard} `))
  .map(([name, command]) => [`npm run ${name}`, command.split(' ').slice(1)] as const);
const verifier = [
  'npx chartseal verify',
  ['evidence/bin/chartseal.mjs', 'verify', 'evidence/test/fixtures/patient.evidence'],
] as const;
const direct = globSync(
  'scripts/{start,network,revive,test,token,bench,bench-search,conformance}.mjs',
  { cwd: root },
).map((script) => [script, [script]] as const);

describe('a Node that is too old', () => {
  it('is asked for by every command that runs on the Node of its user', () => {
    assert.deepEqual(commands.map(([name]) => name).sort(), [
      'npm run bench',
      'npm run bench:search',
      'npm run conformance',
      'npm run network',
      'npm run revive',
      'npm run start',
      'npm run test',
      'npm run token',
    ]);
    assert.equal(direct.length, commands.length);
  });

  for (const [version, programs] of [
    ['12.22.12', [...commands, verifier]],
    ['18.20.8', [...commands, verifier, ...direct]],
    ['20.11.1', [...commands, verifier, ...direct]],
  ] as const) {
    it(`Node ${version} is told in one sentence which one is needed`, () => {
      const node = realNode(version);
      for (const [name, args] of programs) {
        const { status, stdout, stderr } = run(node, args);
        assert.equal(status, 1, name);
        assert.equal(stdout, '', name);
        assert.match(stderr, /^Chartseal needs Node 20\.12 or newer [^\n]*\n$/, name);
        assert.ok(stderr.includes(`this is Node ${version}:`), stderr);
      }
    });
  }

  it('the oldest that is named does', () => {
    const node = realNode('20.12.0');
    const help = run(node, ['-r', guard, 'scripts/start.mjs', '--help']);
    assert.deepEqual([help.status, help.stderr], [0, '']);
    assert.match(help.stdout, /npm start -- \[options\]/);
    const verified = run(node, [...verifier[1], '--trust', 'evidence/test/fixtures/anchors.json']);
    assert.deepEqual([verified.status, verified.stderr], [0, '']);
    assert.match(verified.stdout, /^VERIFIED {2}exit 0$/m);
    const nothing = run(node, ['scripts/revive.mjs', '--data', '.cache/no-such-folder']);
    assert.equal(nothing.status, 1);
    assert.match(nothing.stderr, /^Nothing runs on [^\n]*\n$/);
  });

  it('is named by the documents and the package as by the commands', () => {
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    assert.equal(engines.node, '>=20.12 <21 || >=21.7');
    assert.match(readFileSync(join(root, 'README.md'), 'utf8'), /Node 20\.12 or newer/);
  });
});
