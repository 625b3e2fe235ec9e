import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import { assertReachable } from '../../src/store/mongo/reachable.ts';
import { startReplicaSet, startStandalone } from '../support/mongod.ts';

jest.setTimeout(180_000);

describe('asking a real MongoDB whether it can be used', () => {
  let replicaSet: MongoMemoryReplSet;
  const started: MongoMemoryServer[] = [];
  beforeAll(async () => {
    replicaSet = await startReplicaSet();
  });
  afterAll(() => Promise.all([replicaSet.stop(), ...started.map((each) => each.stop())]));

  async function standalone(more: readonly string[] = []): Promise<MongoMemoryServer> {
    const server = await startStandalone(more);
    started.push(server);
    return server;
  }

  const refused = (url: string, words: RegExp) =>
    assert.rejects(assertReachable(url), ({ message }: Error) => {
      assert.match(message, words);
      assert.doesNotMatch(message, /secret|nurse/);
      return true;
    });

  it('a replica set can be', () => assertReachable(replicaSet.getUri('records')));

  it('a standalone server cannot, and what to do is said', async () => {
    const url = (await standalone()).getUri('records');
    await refused(url, /it is a standalone server, and a replica set is required.*--replSet/);
    await refused(`${url}?replicaSet=other`, /cannot be used: /);
  });

  it('a replica set that was not initiated cannot, and what to do is said', async () => {
    const url = (await standalone(['--replSet', 'fresh'])).getUri('records');
    await refused(url, /its replica set is not initiated: call rs\.initiate\(\) once/);
    await refused(`${url}?replicaSet=fresh`, /its replica set is not initiated/);
  });

  it('another replica set than the address names cannot', () =>
    refused(
      replicaSet.getUri('records').replace(/replicaSet=\w+/, 'replicaSet=another'),
      /not the replica set that the address names/,
    ));

  it('one that refuses the password cannot, and neither name nor password is shown', async () => {
    const url = new URL(replicaSet.getUri('records'));
    const client = await MongoClient.connect(url.href);
    await client.db('records').command({ createUser: 'nurse', pwd: 'right', roles: [] });
    await client.close();
    url.username = 'nurse';
    url.password = 'right';
    await assertReachable(url.href);
    url.password = 'secret';
    await refused(url.href, /it refuses this name or password/);
  });
});
