import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { crashDrill } from './crash-drill.ts';
import { serverProcess, type ServerProcess } from '../../support/server-process.ts';

let server: ServerProcess;
before(async () => {
  server = await serverProcess();
});
after(() => server.remove());

describe('kill -9 amid transactions, on sqlite', { timeout: 120_000 }, () => {
  it('leaves each of them whole or absent', async () => {
    const report = await crashDrill(server, [60, 150, 260, 400]);
    assert.ok(report.interrupted >= 4 * 4, JSON.stringify(report));
    assert.ok(report.answered > 0, JSON.stringify(report));
  });
});
