import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import type { EvidenceBundle } from '../src/evidence-bundle.ts';
import type { Verification } from '../src/verify/verify-evidence.ts';

const program = join(import.meta.dirname, '../bin/chartseal.mjs');
const bundle = join(import.meta.dirname, 'fixtures/patient.evidence');
const anchors = join(import.meta.dirname, 'fixtures/anchors.json');
const folder = mkdtempSync(join(tmpdir(), 'chartseal-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
    const verify = (held: string | Uint8Array) =>
      chartseal('verify', bundle, '--trust', anchors, '--resource', file('held.json', held));
    assert.equal(verify(content).status, 0);
    const other = verify(content.toString('utf8').replace('{', '{ '));
    assert.equal(other.status, 12);
    assert.match(other.stdout, /FAIL {2}content .* differs from the bytes in the evidence$/m);
  });

  it('holds a file against exact bytes, and says when white space around them is all that differs', () => {
    for (const held of [`${content.toString('utf8')}\r\n`, `\ufeff ${content.toString('utf8')}`]) {
      const { status, stdout } = chartseal(
        'verify',
        bundle,
        '--trust',
        anchors,
        '--resource',
        file('spaced.json', held),
      );
      assert.equal(status, 12);
      assert.match(stdout, /FAIL {2}content .*in white space around them alone/);
    }
  });

  it('passes over what shells, editors and mail put around the document, and says so', () => {
    const around = [
      [`${text}\n`, ['1 byte of white space after the document was passed over']],
      [`${text}\r\n`, ['2 bytes of white space after the document were passed over']],
      [` \t${text}`, ['2 bytes of white space before the document were passed over']],
      [
        `\ufeff${text}\n`,
        [
          'a byte order mark before the document was passed over',
          '1 byte of white space after the document was passed over',
        ],
      ],
    ] as const;
    for (const [content, notes] of around) {
      const path = file('around.json', content);
      const { status, stdout } = chartseal('verify', path, '--trust', anchors);
      assert.equal(status, 0, stdout);
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.startsWith('NOTE')),
        notes.map((note) => `NOTE             ${note}`),
      );
      const json = chartseal('verify', path, '--trust', anchors, '--json').stdout;
      assert.deepEqual((JSON.parse(json) as Verification).notes, notes);
    }
    const bare = chartseal('verify', bundle, '--trust', anchors);
    assert.doesNotMatch(bare.stdout, /NOTE/);
  });

  it('takes trust anchors with a byte order mark', () => {
    const marked = file('marked-anchors.json', `\ufeff${readFileSync(anchors, 'utf8')}\r\n`);
    assert.equal(chartseal('verify', bundle, '--trust', marked).status, 0);
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
    [10, 'format', () => text.replace(',', ', ')],
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
