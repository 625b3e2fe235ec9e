import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { crashDrill } from './crash-drill.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { serverProcess, type ServerProcess } from '../../support/server-process.ts';

let replicaSet: MongoMemoryReplSet;
let server: ServerProcess;
before(async () => {
  replicaSet = await startReplicaSet();
  server = await serverProcess({ CHARTSEAL_STORE: replicaSet.getUri('crash') });
});
after(async () => {
  await server.remove();
  await replicaSet.stop();
});

describe('kill -9 amid transactions, on mongod', { timeout: 180_000 }, () => {
  it('leaves each of them whole or absent', async () => {
    const report = await crashDrill(server, [150, 300, 600, 900]);
    assert.ok(report.interrupted >= 4 * 4, JSON.stringify(report));
    assert.ok(report.answered > 0, JSON.stringify(report));
  });
});
