import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';

const fetchScript = new URL('../../../scripts/fetch-mongod.mjs', import.meta.url).pathname;
/** The version that script fetches. */
const version = '6.0.5';
const args = ['--networkMessageCompressors', 'snappy'];

async function binary(): Promise<{ systemBinary: string; version: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, [fetchScript]);
  return { systemBinary: stdout.trim(), version };
}

/** A real mongod as a replica set of one, on loopback, its data in a folder of its own under the system's for temporary files. */
export async function startReplicaSet(): Promise<MongoMemoryReplSet> {
  return MongoMemoryReplSet.create({
    binary: await binary(),
    instanceOpts: [{ args }],
    replSet: { count: 1, storageEngine: 'wiredTiger', ip: '127.0.0.1' },
  });
}

/**
 * Starts a replica set that was stopped. A member that still settles its old configuration refuses to be given it once
 * more, as the library does: it is stopped by then, and started again.
 */
export async function startAgain(replicaSet: MongoMemoryReplSet): Promise<void> {
  for (let left = 5; ; left -= 1) {
    try {
      await replicaSet.start();
      return;
    } catch (error) {
      if (left === 0 || !String(error).includes('currently updating its configuration'))
        throw error;
    }
  }
}

export async function startStandalone(more: readonly string[] = []): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({
    binary: await binary(),
    instance: { ip: '127.0.0.1', storageEngine: 'wiredTiger', args: [...args, ...more] },
  });
}
