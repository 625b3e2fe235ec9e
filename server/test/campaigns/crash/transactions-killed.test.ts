import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { crashDrill } from './crash-drill.ts';
import { serverProcess, type ServerProcess } from '../../support/server-process.ts';

jest.setTimeout(120_000);

let server: ServerProcess;
beforeAll(async () => {
  server = await serverProcess();
});
afterAll(() => server.remove());

describe('kill -9 amid transactions, on sqlite', () => {
  it('leaves each of them whole or absent', async () => {
    const report = await crashDrill(server, [60, 150, 260, 400]);
    assert.ok(report.interrupted >= 4 * 4, JSON.stringify(report));
    assert.ok(report.answered > 0, JSON.stringify(report));
  });
});
