/** Writes docs/find-a-rule.md: which file implements what FHIR calls by a name. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findARule } from './rules/page.ts';

const root = join(import.meta.dirname, '..', '..');
writeFileSync(join(root, 'docs', 'find-a-rule.md'), findARule(root));
