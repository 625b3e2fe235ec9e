import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { checkPage, exchangesOf } from '../support/api-page.ts';
import { startApp } from '../support/app.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'api');
const pages = globSync('*.md', { cwd: folder }).sort();
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('docs/api', () => {
  it('lists every page in its README', () => {
    const listed = [...read('README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name);
    assert.deepEqual(
      [...listed].sort(),
      pages.filter((name) => name !== 'README.md'),
    );
  });

  for (const name of pages.filter((page) => page !== 'README.md')) {
    it(`${name}: the server answers as the page shows`, async () => {
      const exchanges = exchangesOf(read(name));
      assert.ok(exchanges.length > 0, 'a page has an example');
      const app = await startApp();
      try {
        await checkPage(app, exchanges);
      } finally {
        await app.close();
      }
    });
  }
});
