import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

const start = join(import.meta.dirname, '..', '..', 'scripts', 'start.mjs');

/** `npm start`, which ends before anything is started: it is given a package that is not there. */
function run(environment: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'names-'));
  const data = join(folder, 'data');
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [start, '--ledger', 'embedded', '--data', data, '--package', join(folder, 'none.tgz')],
      { encoding: 'utf8', env: { ...process.env, ...environment } },
    );
    return { status, stderr, made: existsSync(data) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('settings in the environment of npm start', () => {
  it('by old or unknown names stop it before anything is made', () => {
    const wrong = { CHARTSEAL_ORGANISATION: 'clinic', CHARTSEAL_POLCY: 'deny' };
    const { status, stderr, made } = run(wrong);
    assert.deepEqual([status, made], [1, false], stderr);
    assert.match(stderr, /^ {2}CHARTSEAL_ORGANISATION is called CHARTSEAL_ORGANISATION_NAME now$/m);
    assert.match(stderr, /^ {2}CHARTSEAL_POLCY is no setting: is CHARTSEAL_POLICY meant\?$/m);
    assert.doesNotMatch(stderr, /\n\s+at |none\.tgz/);
  });

  it('by names that are known do not', () => {
    const { stderr } = run({ CHARTSEAL_POLICY: 'deny', CHARTSEAL_DATA: '.data' });
    assert.match(stderr, /^There is no FHIR package .*none\.tgz/);
  });
});
