import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startApp, type TestApp } from '../../support/app.ts';
import { itTraversesWhatIsShown } from '../../campaigns/traversals/hidden-traversals.ts';

let server: TestApp;
before(async () => {
  server = await startApp();
});
after(() => server.close());

describe('a traversal while consents hide and show patients', () => {
  itTraversesWhatIsShown(() => server, { traversals: 12, seed: randomInt(2 ** 31) }, it);
});
