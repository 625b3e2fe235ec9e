import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it } from '@jest/globals';

const workspace = join(import.meta.dirname, '..');

describe('the README', () => {
  it('shows what its example prints', () => {
    const text = readFileSync(join(workspace, 'README.md'), 'utf8');
    const [, script = '', shown] = /```sh\n([^]*?)```\n\n```text\n([^]*?)```/.exec(text) ?? [];
    const node = dirname(process.execPath);
    const env = { ...process.env, PATH: `${node}${delimiter}${process.env['PATH'] ?? ''}` };
    const printed = execFileSync('bash', ['-c', script], { cwd: join(workspace, '..'), env });
    assert.equal(printed.toString(), shown);
  });
});
