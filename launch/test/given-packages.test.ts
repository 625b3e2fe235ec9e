import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { givenPackages } from '../src/given-packages.ts';
import { planServers } from '../src/launch-plan.ts';

const root = join(import.meta.dirname, '..', '..');
const start = join(root, 'scripts', 'start.mjs');
const sp = {
  ...{ resourceType: 'SearchParameter', url: 'http://example.org/SearchParameter/first-family' },
  ...{ name: 'FirstFamily', status: 'active', description: 'Of the first name', type: 'string' },
  ...{ code: 'first-family', base: ['Patient'], expression: 'Patient.name.first().family' },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'given-'));
  const inner = join(folder, 'guide', 'package');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, 'package.json'), '{"name":"a.guide","version":"1.0.0"}');
  writeFileSync(join(inner, 'first-family.json'), JSON.stringify(sp));
  spawnSync('tar', ['-czf', join(folder, 'guide.tgz'), '-C', join(folder, 'guide'), 'package']);
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'a,b'));
  writeFileSync(join(folder, 'notes.txt'), 'no archive');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm start` as npm would run it from `folder`; ends before anything is started. */
function run(args: readonly string[], environment: Record<string, string> = {}) {
  const data = join(folder, 'data');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [start, '--ledger', 'embedded', '--data', data, ...args],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, npm_lifecycle_event: 'start', INIT_CWD: folder, ...environment },
    },
  );
  return { status, text: stdout + stderr };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answer(url: string): Promise<string> {
  for (let i = 0; ; i += 1) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (i > 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('FHIR packages given to npm start', () => {
  it('are told by their names, archives and folders alike', () => {
    const paths = ['guide.tgz', 'guide', 'guide/package'].map((path) => join(folder, path));
    assert.deepEqual(givenPackages(paths), ['a.guide#1.0.0', 'a.guide#1.0.0', 'a.guide#1.0.0']);
  });

  it('stop it with a sentence that names the wrong one, before anything is started', () => {
    for (const [path, why] of [
      [
        'missing.tgz',
        /^There is no FHIR package .*\/given-\w+\/missing\.tgz: no such file or folder/m,
      ],
      ['notes.txt', /\/notes\.txt is no FHIR package that can be read: /],
      ['empty', /\/empty is no FHIR package: there is no JSON file in it/],
      ['a,b', /\/a,b: the path has a comma in it/],
    ] as const) {
      const { status, text } = run(['--package', 'guide.tgz', '--package', path]);
      assert.equal(status, 1, text);
      assert.match(text, why);
      assert.doesNotMatch(text, /\n {4}at /);
    }
    const fromVariable = run([], { CHARTSEAL_PACKAGES: 'guide.tgz, missing.tgz' });
    assert.match(fromVariable.text, /no FHIR package .*\/given-\w+\/missing\.tgz/);
    assert.ok(!readdirSync(folder).includes('data'));
  });

  it('are loaded by the servers beside our own profiles', async () => {
    const dataDir = join(folder, 'servers');
    mkdirSync(join(dataDir, 'keys'), { recursive: true });
    writeFileSync(join(dataDir, 'directory.json'), '{"clients":[],"persons":[]}');
    const [plan] = planServers({
      ...{ root, dataDir, ledger: 'embedded', store: 'sqlite', port: await freePort() },
      packages: [join(folder, 'guide.tgz')],
    });
    assert.ok(plan);
    const server = spawn(process.execPath, [join(root, 'server', 'src', 'server.ts')], {
      env: { ...process.env, ...plan.environment, CHARTSEAL_LOG_LEVEL: 'silent' },
      stdio: 'inherit',
    });
    try {
      const metadata = await answer(`${plan.fhir}/metadata`);
      assert.match(metadata, /"name":"first-family","definition":"http:\/\/example\.org/);
      assert.match(metadata, /"supportedProfile":\["https:\/\/chartseal\.example\.org/);
    } finally {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    }
  });
});
