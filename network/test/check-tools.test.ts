import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { checkTools } from '../src/check-tools.ts';
import { FolderError, makeDataFolder, networkFolder, requireNetwork } from '../src/data-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'surroundings-'));
const { PATH } = process.env;
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string): string {
  mkdirSync(join(root, name));
  return join(root, name);
}

/** A module folder that asks for this version, and a PATH with a `go` that answers so. */
function world(name: string, needed: string, answer?: readonly string[]): string {
  const module = folder(name);
  writeFileSync(join(module, 'go.mod'), `module example\n\ngo ${needed}\n`);
  if (answer !== undefined) {
    const go = join(module, 'go');
    writeFileSync(go, `#!/bin/sh\nprintf '${answer.join('\\n')}\\n'\n`);
    chmodSync(go, 0o755);
  }
  process.env['PATH'] = `${module}:/usr/bin:/bin`;
  return module;
}

function withPath<T>(act: () => Promise<T>): Promise<T> {
  return act().finally(() => (process.env['PATH'] = PATH));
}

describe('what building Fabric needs', () => {
  it('is Go, and its absence is told with what to do', () =>
    withPath(async () => {
      const module = world('no-go', '1.24.0');
      process.env['PATH'] = module;
      await assert.rejects(checkTools(module), {
        name: 'ToolMissing',
        message: /^Fabric is built with Go 1\.24 or newer: see .*--ledger embedded\.$/,
      });
    }));

  it('is a Go that is new enough', () =>
    withPath(async () => {
      for (const [name, version] of [
        ['old', 'go1.19.13'],
        ['older', 'go1.9'],
      ] as const) {
        const module = world(name, '1.24.0', [version, 'true', '1']);
        await assert.rejects(checkTools(module), {
          name: 'ToolMissing',
          message: new RegExp(`Go 1\\.24 or newer, and this is ${version.replaceAll('.', '\\.')}:`),
        });
      }
      for (const version of ['go1.24.0', 'go1.30rc1', 'go2.0', 'devel go1.99']) {
        await checkTools(world(`new-${version}`, '1.24.0', [version, 'true', '1']));
      }
    }));

  it('is a C compiler that can be run', () =>
    withPath(async () => {
      const none = world('no-cc', '1.24.0', ['go1.26.0', 'no-such-compiler -m64', '1']);
      await assert.rejects(checkTools(none), {
        name: 'ToolMissing',
        message: /no-such-compiler cannot be run: install gcc/,
      });
      const off = world('cgo-off', '1.24.0', ['go1.26.0', 'true', '0']);
      await assert.rejects(checkTools(off), { name: 'ToolMissing', message: /CGO_ENABLED=0/ });
    }));
});

describe('a data folder', () => {
  it('is made when missing, and holds the network in a folder of that name', () => {
    const data = join(root, 'deep', 'down');
    makeDataFolder(data);
    makeDataFolder(data);
    assert.equal(networkFolder(data), join(data, 'network'));
  });

  it('is named in one sentence when it cannot be written', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const place of [file, join(file, 'below'), '/proc/nowhere/below', '/proc']) {
      assert.throws(
        () => makeDataFolder(place),
        ({ name, message }: Error) => {
          assert.equal(name, 'FolderError');
          assert.ok(message.startsWith(`The data folder ${place} cannot be written (E`), message);
          assert.match(message, /\)\. Name another one: --data <folder>\.$/);
          return true;
        },
      );
    }
  });

  it('is asked for by name where there is no network, or its own folder was named', () => {
    const data = folder('data');
    assert.throws(() => requireNetwork(networkFolder(data)), {
      name: 'FolderError',
      message: new RegExp(`^There is no network in ${data}\\. .*--data <folder>`),
    });
    mkdirSync(join(data, 'network'));
    writeFileSync(join(data, 'network', 'topology.json'), '{}');
    requireNetwork(networkFolder(data));
    assert.throws(
      () => networkFolder(join(data, 'network')),
      (error) => error instanceof FolderError && error.message.endsWith(`--data ${data}.`),
    );
  });

  it('is told of to a reader that goes away without a stack', () => {
    const data = folder('gone');
    const cli = join(import.meta.dirname, '..', 'src', 'cli.ts');
    const line = `"${process.execPath}" "${cli}" status --json --data "${data}" | true`;
    const { stderr } = spawnSync('/bin/sh', ['-c', line], { encoding: 'utf8' });
    assert.equal(stderr, '');
  });

  it('is refused without a name, by every network command', () => {
    const cli = join(import.meta.dirname, '..', 'src', 'cli.ts');
    for (const args of [['status'], ['down'], ['up'], ['renew'], ['stop', 'orderer.insurer']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args, '--data', ''], {
        encoding: 'utf8',
      });
      assert.deepEqual([status, stdout], [1, ''], stderr);
      assert.match(stderr, /'--data <folder>' argument '' is invalid\. the name of a folder/);
    }
  });

  it('is the same for every network command', () => {
    const data = folder('nothing');
    const cli = join(import.meta.dirname, '..', 'src', 'cli.ts');
    for (const [args, code] of [
      [['status'], 3],
      [['down'], 1],
      [['stop', 'orderer.insurer'], 1],
      [['start', 'orderer.insurer'], 1],
    ] as const) {
      assert.throws(
        () => execFileSync(process.execPath, [cli, ...args, '--data', data], { stdio: 'pipe' }),
        ({ status, stderr }: { status: number; stderr: Buffer }) => {
          assert.equal(status, code);
          assert.match(
            stderr.toString(),
            new RegExp(
              `^There is no network in ${data}\\. [^\\n]+: npm run network -- up --data ${data}\\n$`,
            ),
          );
          return true;
        },
      );
    }
  });
});
