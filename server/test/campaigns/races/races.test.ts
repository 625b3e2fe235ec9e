import { after, before, describe, it } from 'node:test';
import { startApp, type TestApp } from '../../support/app.ts';
import { itLetsOneWin } from './competition.ts';

let server: TestApp;
before(async () => {
  server = await startApp();
});
after(() => server.close());

describe('competition for conditions, on sqlite', { timeout: 120_000 }, () => {
  itLetsOneWin(() => server, 30, it);
});
