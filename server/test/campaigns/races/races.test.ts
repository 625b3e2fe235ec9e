import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.ts';
import { itLetsOneWin } from './competition.ts';

jest.setTimeout(120_000);

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

describe('competition for conditions, on sqlite', () => {
  itLetsOneWin(() => server, 30, it);
});
