import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { crashDrill } from './crash-drill.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { serverProcess, type ServerProcess } from '../../support/server-process.ts';

jest.setTimeout(180_000);

let replicaSet: MongoMemoryReplSet;
let server: ServerProcess;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
  server = await serverProcess({ CHARTSEAL_STORE: replicaSet.getUri('crash') });
});
afterAll(async () => {
  await server.remove();
  await replicaSet.stop();
});

describe('kill -9 amid transactions, on mongod', () => {
  it('leaves each of them whole or absent', async () => {
    const report = await crashDrill(server, [150, 300, 600, 900]);
    assert.ok(report.interrupted >= 4 * 4, JSON.stringify(report));
    assert.ok(report.answered > 0, JSON.stringify(report));
  });
});
