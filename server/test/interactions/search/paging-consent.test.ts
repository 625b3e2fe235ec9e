import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startApp, type TestApp } from '../../support/app.ts';
import { itTraversesWhatIsShown } from '../../campaigns/traversals/hidden-traversals.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

describe('a traversal while consents hide and show patients', () => {
  itTraversesWhatIsShown(() => server, { traversals: 12, seed: randomInt(2 ** 31) }, it);
});
