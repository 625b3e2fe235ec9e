import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { startReplicaSet } from '../support/mongod.ts';

const MB = 1024 * 1024;

describe('a resource that MongoDB cannot hold', () => {
  let mongod: MongoMemoryReplSet;
  let server: TestApp;
  beforeAll(async () => {
    mongod = await startReplicaSet();
    server = await startApp({
      CHARTSEAL_STORE: mongod.getUri('large'),
      CHARTSEAL_MAX_BODY: String(64 * MB),
    });
  });
  afterAll(async () => {
    await server.close();
    await mongod.stop();
  });

  const upload = (id: string, bytes: number): Promise<Answer> =>
    server.ask(people.ehr, 'PUT', `Binary/${id}`, {
      body: Buffer.alloc(bytes, 7),
      headers: { 'content-type': 'image/png', prefer: 'return=minimal' },
    });

  it('is refused as too large, and nothing of it is stored', async () => {
    for (const [id, megabytes] of [
      ['a', 12.2],
      ['b', 20],
      ['c', 40],
    ] as const) {
      const answer = await upload(id, megabytes * MB);
      assert.equal(answer.status, 413, answer.text);
      assert.equal((await server.ask(people.ehr, 'GET', `Binary/${id}`)).status, 404);
    }
    const held = await upload('d', 11 * MB);
    assert.equal(held.status, 201, held.text);
  });
});
