import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.ts';
import { checkCounts } from '../../support/counted-worlds.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const seed = 20261121;

describe('what a search counts', () => {
  it(`is what it shows, on all of its pages (seed ${seed})`, async () => {
    const { shown, refused } = await checkCounts(server, { seed, worlds: 5, queries: 30 });
    console.log(`${shown} shown, ${refused} refused to a read and to a search`);
    assert.ok(shown > 100 && refused > 50, `${shown} ${refused}`);
  });
});
