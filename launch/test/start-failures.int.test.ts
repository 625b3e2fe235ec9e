import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it, jest } from '@jest/globals';
import { chooseLedger } from '../src/choose-ledger.ts';

jest.setTimeout(600_000);

const root = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'start-failures-'));
const file = join(scratch, 'file');
writeFileSync(file, '');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const port = 28_080;

interface Ended {
  readonly code: number | null;
  readonly said: string;
  /** Milliseconds. */
  readonly took: number;
}

async function start(
  options: readonly string[],
  environment: Record<string, string> = {},
  folder = root,
): Promise<Ended> {
  const began = performance.now();
  const script = join(folder, 'scripts', 'start.mjs');
  const child: ChildProcess = spawn(process.execPath, [script, ...options], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said, took: performance.now() - began };
}

/** Processes whose command line or environment names this folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return ['cmdline', 'environ'].some((each) =>
          readFileSync(`/proc/${pid}/${each}`, 'latin1').includes(folder),
        );
      } catch {
        return false;
      }
    });
}

const embedded = (data: string, ...more: string[]): string[] => [
  ...['--ledger', 'embedded', '--port', String(port), '--data', data],
  ...more,
];

describe('npm start in surroundings that do not let it', () => {
  const data = join(scratch, 'data');
  const cases: [string, readonly string[], Record<string, string>, number, RegExp][] = [
    ['a wrong option', ['--colour', 'red'], {}, 64, /^Unknown option '--colour'/],
    ['a data folder that is a file', embedded(file), {}, 1, /^The data folder \S+\/file cannot/],
    [
      'a data folder below a file',
      embedded(join(file, 'below')),
      {},
      1,
      /^The data folder \S+\/file\/below cannot be written \(ENOTDIR/,
    ],
    [
      'a data folder that the system refuses',
      embedded('/proc/nowhere'),
      {},
      1,
      /^The data folder \/proc\/nowhere cannot be written \(ENOENT/,
    ],
    [
      'no MongoDB',
      embedded(data, '--store', 'mongodb://nurse:secret@127.0.0.1:1/records'),
      {},
      1,
      /could not be started: MongoDB at mongodb:\/\/127\.0\.0\.1:1\/records cannot be used: .*REFUSED/,
    ],
    [
      'an address of MongoDB that cannot be read',
      embedded(data, '--store', 'mongodb://nurse:secret@/records'),
      {},
      1,
      /Not an address of MongoDB: mongodb:\/\/\/records|MongoDB at mongodb:\/\/\/records cannot/,
    ],
    [
      'a setting of the servers that is wrong',
      embedded(data),
      { CHARTSEAL_ASYNC_KEEP: '5' },
      1,
      /server ended while it was starting.*\n(.*\n)*.*CHARTSEAL_ASYNC_KEEP must be/,
    ],
  ];
  for (const [what, options, environment, code, words] of cases) {
    it(`says why and leaves nothing running: ${what}`, async () => {
      const ended = await start(options, environment);
      assert.equal(ended.code, code, ended.said);
      assert.match(ended.said, words);
      assert.doesNotMatch(ended.said, /\n\s+at |secret|nurse/);
      assert.deepEqual(processesOf(scratch), []);
    });
  }

  it('tells within seconds that MongoDB is not there, before anything is built or started', async () => {
    const options = ['--port', String(port), '--data', data, '--store', 'mongodb://127.0.0.1:1'];
    const { took, said } = await start(options);
    assert.ok(took < 15_000, `${took} ms`);
    assert.doesNotMatch(said, /Build|Compile|Start the/);
  });

  it('names a port that is taken', async () => {
    const other = createServer().listen(port + 2, '127.0.0.1');
    await once(other, 'listening');
    const { code, said } = await start(embedded(data));
    other.close();
    assert.equal(code, 1, said);
    assert.match(said, new RegExp(`listens on port ${port + 2} \\(the insurer's server\\)`));
    assert.doesNotMatch(said, /\n\s+at /);
  });

  it('says that packages cannot be installed', async () => {
    const copy = join(scratch, 'copy');
    mkdirSync(copy);
    for (const name of ['scripts', 'package.json', 'package-lock.json', 'evidence/bin'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    const offline = {
      npm_config_registry: 'http://127.0.0.1:1/',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(scratch, 'cache'),
    };
    const { code, said } = await start([], offline, copy);
    assert.equal(code, 1, said);
    assert.match(said, /The packages could not be installed: see the messages of npm above\.\n$/);
    assert.doesNotMatch(said, /\n\s+at /);
  });

  it('says that Go is missing where Fabric was asked for, and does without where nothing was', () => {
    const { PATH } = process.env;
    process.env['PATH'] = scratch;
    try {
      const said: string[] = [];
      assert.throws(() => chooseLedger(scratch, { ledger: 'fabric' }, () => undefined), /go\.dev/);
      assert.equal(
        chooseLedger(scratch, {}, (line) => said.push(line)),
        'embedded',
      );
      assert.match(said.join('\n'), /Go is not installed/);
    } finally {
      process.env['PATH'] = PATH;
    }
  });
});
