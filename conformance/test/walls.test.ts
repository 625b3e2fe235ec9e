import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const { scripts, workspaces } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  workspaces: readonly string[];
};
const { options } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  options: { exclude: { path: string }; doNotFollow: { path: string } };
};

describe('the walls between workspaces', () => {
  it('are looked at in every source file that is tracked', () => {
    const cruised = (scripts['deps'] ?? '').split(' ').slice(3);
    assert.ok(cruised.includes('server') && cruised.includes('scripts'), cruised.join(' '));
    const tracked = execFileSync('git', ['ls-files', '*.ts', '*.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    const files = tracked.trim().split('\n');
    assert.ok(files.length > 1000, `${files.length} files`);
    const left = files.filter(
      (file) =>
        !cruised.some((place) => file === place || file.startsWith(`${place}/`)) ||
        [options.exclude, options.doNotFollow].some(({ path }) => new RegExp(path).test(file)),
    );
    assert.deepEqual(left, []);
  });

  it('have doors: every workspace says what others may import, and that is there', () => {
    for (const workspace of workspaces) {
      const { exports } = JSON.parse(read(workspace, 'package.json')) as {
        exports?: Record<string, string | Record<string, string>>;
      };
      assert.ok(exports, workspace);
      for (const target of Object.values(exports)) {
        const [file = ''] = typeof target === 'string' ? [target] : Object.values(target);
        // What is compiled is there after a build, what is imported as it stands now.
        if (file.startsWith('./src/')) assert.ok(existsSync(join(root, workspace, file)), file);
      }
    }
  });
});
