import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { EvidenceBundle } from '../src/evidence-bundle.ts';
import type { Verification } from '../src/verify/verify-evidence.ts';

const program = join(import.meta.dirname, '../bin/chartseal.mjs');
const bundle = join(import.meta.dirname, 'fixtures/patient.evidence');
const anchors = join(import.meta.dirname, 'fixtures/anchors.json');
const folder = mkdtempSync(join(tmpdir(), 'chartseal-cli-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
function chartseal(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], {
    encoding: 'utf8',
    // It must need nothing of its surroundings.
    cwd: folder,
    env: {},
  });
  return { status, stdout, stderr };
}

describe('chartseal', () => {
  const text = readFileSync(bundle, 'utf8');
  const evidence = JSON.parse(text) as EvidenceBundle;
  const content = Buffer.from(evidence.resource.content, 'base64');

  it('prints a line per claim and what is not proved', () => {
    const { status, stdout, stderr } = chartseal('verify', bundle, '--trust', anchors);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('PASS')).map((line) => line.split(/ +/)[1]),
      ['format', 'anchors', 'content', 'leaf', 'inclusion', 'append', 'endorsed', 'ordered'],
    );
    assert.ok(lines.some((line) => line.startsWith('NOT PROVED')));
    assert.equal(lines.at(-1), 'VERIFIED  exit 0');
  });

  it('prints JSON', () => {
    const { status, stdout } = chartseal('verify', bundle, '--trust', anchors, '--json');
    const result = JSON.parse(stdout) as Verification & { code: number };
    assert.equal(status, 0);
    assert.equal(result.code, 0);
    assert.equal(result.verified, true);
    assert.equal(result.claims.length, 8);
  });

  it('compares a file that someone holds', () => {
    const same = file('same.json', content);
    const other = file('other.json', `${content.toString('utf8')}\n`);
    const verify = (held: string) =>
      chartseal('verify', bundle, '--trust', anchors, '--resource', held).status;
    assert.equal(verify(same), 0);
    assert.equal(verify(other), 12);
  });

  const change = (part: Partial<EvidenceBundle>) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries({ ...evidence, ...part }).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    );
  const sorted = (value: object) =>
    Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  const failures: [number, string, () => string][] = [
    [10, 'format', () => `${text} `],
    [11, 'anchors', () => change({ trust: '0'.repeat(64) })],
    [12, 'content', () => change({ salt: '0'.repeat(64) })],
    [
      13,
      'leaf',
      () => {
        const inclusion = { ...evidence.inclusion, log: 'HospitalMSP' };
        return change({ inclusion: sorted(inclusion) as EvidenceBundle['inclusion'] });
      },
    ],
    [
      14,
      'inclusion',
      () => {
        const inclusion = { ...evidence.inclusion, index: 5 };
        return change({ inclusion: sorted(inclusion) as EvidenceBundle['inclusion'] });
      },
    ],
  ];
  for (const [code, claim, make] of failures) {
    it(`exits with ${code} when ${claim} fails first`, () => {
      assert.notEqual(make(), text);
      const changed = file(`${claim}.json`, make());
      const { status, stdout } = chartseal('verify', changed, '--trust', anchors);
      assert.match(stdout, new RegExp(`^FAIL  ${claim} `, 'm'));
      assert.doesNotMatch(stdout, /NOT PROVED/);
      assert.match(stdout, new RegExp(`NOT VERIFIED  exit ${code}\n$`));
      assert.equal(status, code);
    });
  }

  it('exits with the code of the claim that anchors of another channel refute', () => {
    const trust = JSON.parse(readFileSync(anchors, 'utf8')) as Record<string, unknown>;
    const other = file('other-anchors.json', JSON.stringify({ ...trust, channel: 'other' }));
    const { status, stdout } = chartseal('verify', bundle, '--trust', other);
    assert.equal(status, 11);
    assert.match(stdout, /FAIL {2}append/);
    assert.equal(chartseal('verify', bundle, '--trust', bundle).status, 11);
  });

  it('tells wrong usage and unreadable files from evidence that fails', () => {
    const wrong = [
      [],
      ['prove', bundle],
      ['verify'],
      ['verify', bundle],
      ['verify', bundle, bundle, '--trust', anchors],
      ['verify', bundle, '--trust', anchors, '--force'],
      ['verify', bundle, '--trust'],
    ];
    for (const argv of wrong) {
      const { status, stdout, stderr } = chartseal(...argv);
      assert.equal(status, 64, argv.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /^chartseal: .+\nTry: chartseal --help\n$/);
    }
    for (const argv of [
      ['verify', join(folder, 'absent'), '--trust', anchors],
      ['verify', bundle, '--trust', folder],
      ['verify', bundle, '--trust', anchors, '--resource', join(folder, 'absent')],
    ]) {
      const { status, stderr } = chartseal(...argv);
      assert.equal(status, 66, argv.join(' '));
      assert.match(stderr, /^chartseal: cannot read .+ \((ENOENT|EISDIR)\)\n$/);
    }
    assert.equal(chartseal('verify', bundle, '--trust', anchors).status, 0);
  });

  it('documents every exit code', () => {
    const { status, stdout } = chartseal('--help');
    assert.equal(status, 0);
    for (const code of [0, 10, 11, 12, 13, 14, 15, 16, 17, 18, 64, 66]) {
      assert.match(stdout, new RegExp(`^ +${code}  `, 'm'));
    }
  });
});
