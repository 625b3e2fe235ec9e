import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { findARule } from '../../scripts/rules/page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'find-a-rule.md'), 'utf8');

/** Names that somebody looks for who knows FHIR and not this code. */
const LOOKED_FOR = [
  ...['read', 'vread', 'create', 'update', 'patch', 'delete', 'batch', 'transaction'],
  ...['conditional create', 'conditional update', 'conditional patch', 'conditional delete'],
  ...['_include', '_revinclude', '_has', '_summary', '_elements', '_sort', '_filter', '_list'],
  ...['_contained', '_query', '_text', '_total', ':missing', ':of-type', ':iterate', 'identifier'],
  ...['If-None-Exist', 'If-Match', 'If-None-Match', 'X-Provenance', 'Prefer: handling'],
  ...['compartment', 'profile', 'slicing', 'invariant', 'Consent', 'security label'],
  ...['consent decision', 'break-glass', 'Provenance', 'leaf', 'Merkle log', 'inclusion proof'],
];

describe('docs/find-a-rule.md', () => {
  it('is what `npm run rules` makes', () => {
    assert.equal(page, findARule(root));
  });

  it('has what is looked for', () => {
    assert.deepEqual(
      LOOKED_FOR.filter((term) => !page.includes(`| \`${term}\` |`)),
      [],
    );
  });

  it('names only files that exist', () => {
    const files = [...page.matchAll(/`([\w./-]+\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file);
    assert.ok(files.length > 100, `${files.length} files`);
    assert.deepEqual(
      files.filter((file) => !existsSync(join(root, file))),
      [],
    );
  });
});
