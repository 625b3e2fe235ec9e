import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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

  it('and the rooms of each workspace have no way back: no folder leads to one that leads to it', () => {
    const imports = importsIn(sources());
    const houses = new Set(sources().flatMap((file) => above(file)));
    let rooms = 0;
    for (const house of houses) {
      const arrows = arrowsIn(house, imports);
      rooms += arrows.size;
      for (const room of arrows.keys()) {
        assert.ok(!reached(room, arrows).has(room), `${house}/${room} leads back to itself`);
      }
    }
    assert.ok(rooms > 300, `${rooms} rooms`);
  });
});

type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** Lists what is compiled of every workspace. */
function sources(): readonly string[] {
  const tracked = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' });
  const inSources = /^[\w/]+\/(src|suites)\//;
  return tracked
    .trim()
    .split('\n')
    .filter((file) => inSources.test(file) && existsSync(join(root, file)));
}

/** Lists the folders above a file, from its workspace's sources down. */
function above(file: string): readonly string[] {
  const folders = file.split('/').slice(0, -1);
  const from = folders.findIndex((name) => name === 'src' || name === 'suites');
  return folders.slice(from).map((_, i) => folders.slice(0, from + i + 1).join('/'));
}

function importsIn(files: readonly string[]): readonly (readonly [string, string])[] {
  return files.flatMap((file) =>
    [...read(file).matchAll(/(?:\bfrom|\bimport\()\s*'(\.[^']+)'/g)].map(
      ([, path = '']): [string, string] => [file, join(dirname(file), path)],
    ),
  );
}

/** Says which rooms of a folder import which others: a room is a folder in it or a file. */
function arrowsIn(house: string, imports: readonly (readonly [string, string])[]): Arrows {
  const inside = `${house}/`;
  const roomOf = (file: string): string => file.slice(inside.length).split('/')[0] ?? '';
  const arrows = new Map<string, Set<string>>();
  for (const [from, to] of imports) {
    if (!from.startsWith(inside) || !to.startsWith(inside)) continue;
    const [a, b] = [roomOf(from), roomOf(to)];
    if (a !== b) arrows.set(a, (arrows.get(a) ?? new Set()).add(b));
  }
  return arrows;
}

function reached(room: string, arrows: Arrows): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [...(arrows.get(room) ?? [])];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    next.push(...(arrows.get(at) ?? []));
  }
  return seen;
}
