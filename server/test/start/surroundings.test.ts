import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, jest } from '@jest/globals';
import { checkSurroundings } from '../../src/check-surroundings.ts';
import { readConfig } from '../../src/config.ts';
import { prepareFolder } from '../support/app.ts';
import { freeAddress } from '../support/free-address.ts';

jest.setTimeout(240_000);

const program = join(import.meta.dirname, '..', '..', 'src', 'server.ts');

type Break = (folder: string) => Record<string, string>;

/** A setting, how its place is spoiled, and the words about it. */
const broken: readonly (readonly [string, RegExp, Break])[] = [
  ['STORE', /ENOTDIR/, (f) => ({ CHARTSEAL_STORE: `sqlite:${f}/directory.json/below/a` })],
  ['STORE', /no such file/, () => ({ CHARTSEAL_STORE: 'sqlite:/proc/nowhere/a' })],
  ['STORE', /it is no file/, (f) => ({ CHARTSEAL_STORE: `sqlite:${f}` })],
  ['STORE', /no SQLite database/, (f) => ({ CHARTSEAL_STORE: `sqlite:${f}/directory.json` })],
  ['LEDGER', /ENOTDIR/, (f) => ({ CHARTSEAL_LEDGER: `embedded:${f}/directory.json/below` })],
  ['LEDGER', /no such file/, (f) => ({ ...fabric(f), CHARTSEAL_LEDGER: `fabric:${f}/none.json` })],
  ['LEDGER', /JSON/, (f) => ({ ...fabric(f), CHARTSEAL_LEDGER: `fabric:${file(f, 'a', '{')}` })],
  ['TRUST', /no such file/, () => ({ CHARTSEAL_TRUST: '/proc/nowhere/trust.json' })],
  ['TRUST', /no such file/, (f) => ({ ...fabric(f), CHARTSEAL_TRUST: `${f}/none.json` })],
  ['TRUST', /JSON/, (f) => ({ ...fabric(f), CHARTSEAL_TRUST: file(f, 'a', '{') })],
  ['PACKAGES', /no such file/, (f) => ({ CHARTSEAL_PACKAGES: `${f}/none.tgz` })],
  ['PACKAGES', /no such file/, (f) => ({ CHARTSEAL_PACKAGES: `${f},${f}/none.tgz` })],
  ['DIRECTORY', /no such file/, (f) => ({ CHARTSEAL_DIRECTORY: `${f}/nobody.json` })],
  ['KEYS', /EEXIST/, (f) => ({ CHARTSEAL_KEYS: `${f}/directory.json` })],
  ['KEYS', /ENAMETOOLONG/, (f) => ({ CHARTSEAL_KEYS: `${f}/${'k'.repeat(300)}` })],
  ['DEFINITIONS', /npm run definitions/, (f) => ({ CHARTSEAL_DEFINITIONS: f })],
];

/** Fabric's files as they should be, as far as they are looked at here. */
function fabric(folder: string) {
  return {
    CHARTSEAL_LEDGER: `fabric:${file(folder, 'connection.json', '{}')}`,
    CHARTSEAL_TRUST: file(folder, 'trust.json', '{}'),
  };
}

function file(folder: string, name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'surroundings-'));
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server's process that cannot start: its exit code and what it says. */
async function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

describe('what the configuration of a server names', () => {
  it('is accepted as it should be, and missing folders are made', () =>
    inFolder(async (folder) => {
      const keys = join(folder, 'some', 'where', 'keys');
      const config = readConfig({ ...prepareFolder(folder), CHARTSEAL_KEYS: keys });
      await Promise.all([checkSurroundings(config), checkSurroundings(config)]);
      await checkSurroundings(config);
    }));

  for (const [setting, words, spoil] of broken) {
    it(`is named with the reason: CHARTSEAL_${setting}, ${words.source}`, () =>
      inFolder(async (folder) => {
        const prepared = prepareFolder(folder);
        const spoiled = spoil(folder);
        const config = readConfig({ ...prepared, ...spoiled });
        const value = spoiled[`CHARTSEAL_${setting}`] ?? '';
        const place = value.replace(/^[a-z]+:|^.*,/, '');
        await assert.rejects(checkSurroundings(config), ({ message }: Error) => {
          assert.ok(message.includes(`\n  CHARTSEAL_${setting} names ${place}, which`), message);
          assert.match(message, words);
          assert.equal(message.split('\n').length, 2, 'nothing else is blamed');
          return true;
        });
      }));
  }

  it('is not taken from variables by their old names: these are told the new ones', () =>
    inFolder((folder) => {
      const prepared = prepareFolder(folder);
      const {
        CHARTSEAL_ORGANISATION_NAME: name,
        CHARTSEAL_ORGANISATION_REFERENCE: reference,
        ...others
      } = prepared;
      const old = { CHARTSEAL_ORGANISATION: name, CHARTSEAL_ORGANIZATION: reference };
      assert.throws(() => readConfig({ ...others, ...old }), {
        message:
          'The configuration is not usable:\n' +
          '  CHARTSEAL_ORGANISATION is called CHARTSEAL_ORGANISATION_NAME now\n' +
          '  CHARTSEAL_ORGANIZATION is called CHARTSEAL_ORGANISATION_REFERENCE now',
      });
      assert.throws(() => readConfig(others), /CHARTSEAL_ORGANISATION_NAME is not set/);
      assert.throws(() => readConfig({ ...prepared, ...old }), {
        message:
          'The configuration is not usable:\n' +
          '  CHARTSEAL_ORGANISATION is called CHARTSEAL_ORGANISATION_NAME now\n' +
          '  CHARTSEAL_ORGANIZATION is called CHARTSEAL_ORGANISATION_REFERENCE now',
      });
      assert.deepEqual(readConfig(prepared).organisation, {
        name: 'hospital',
        msp: 'HospitalMSP',
        reference: 'Organization/hospital',
      });
      return Promise.resolve();
    }));

  it('is told all at once', () =>
    inFolder(async (folder) => {
      const config = readConfig({
        ...prepareFolder(folder),
        CHARTSEAL_STORE: `sqlite:${folder}`,
        CHARTSEAL_LEDGER: `fabric:${folder}/none.json`,
        CHARTSEAL_TRUST: `${folder}/none.json`,
        CHARTSEAL_DIRECTORY: `${folder}/nobody.json`,
        CHARTSEAL_KEYS: `${folder}/directory.json`,
        CHARTSEAL_DEFINITIONS: folder,
        CHARTSEAL_PACKAGES: `${folder}/one.tgz,${folder}/two.tgz`,
      });
      await assert.rejects(checkSurroundings(config), ({ message }: Error) => {
        assert.equal(message.match(/^ {2}CHARTSEAL_/gm)?.length, 8, message);
        return true;
      });
    }));
});

describe('a server that cannot start', () => {
  it('says why in words, without a stack, and ends with 1', () =>
    inFolder(async (folder) => {
      const { host, port } = await freeAddress();
      const other = createServer().listen(port, host);
      await once(other, 'listening');
      mkdirSync(join(folder, 'archive'));
      const cases: [Record<string, string>, RegExp][] = [
        [{ CHARTSEAL_KEYS: '/proc/nowhere/keys' }, /CHARTSEAL_KEYS names \/proc\/nowhere\/keys/],
        [
          { CHARTSEAL_ORGANISATION_NAME: '', CHARTSEAL_ORGANISATION: 'hospital' },
          /CHARTSEAL_ORGANISATION is called CHARTSEAL_ORGANISATION_NAME now/,
        ],
        [{ PORT: String(port) }, new RegExp(`${host}:${port}.*EADDRINUSE`)],
        [
          { CHARTSEAL_STORE: 'mongodb://nurse:secret@127.0.0.1:1/records?retryWrites=true' },
          /^MongoDB at mongodb:\/\/127\.0\.0\.1:1\/records cannot be used: .*ECONNREFUSED/,
        ],
        [
          { CHARTSEAL_STORE: 'mongodb://nurse:sec/ret@127.0.0.1:1/records' },
          /^MongoDB at mongodb:\/\/127\.0\.0\.1:1\/records cannot be used: .*%XX/,
        ],
      ];
      const prepared = prepareFolder(folder);
      for (const [spoiled, words] of cases) {
        const { code, said } = await start({ ...prepared, ...spoiled });
        assert.equal(code, 1, said);
        assert.match(said, words);
        assert.doesNotMatch(said, /\n\s+at |secret|sec\/ret|nurse/);
      }
      other.close();
    }));
});
