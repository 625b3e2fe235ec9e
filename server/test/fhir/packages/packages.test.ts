import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { loadPackages } from '../../../src/fhir/packages/packages.ts';

const URL = 'http://example.org/ValueSet/colours';
const set = (version: string) => ({ resourceType: 'ValueSet', url: URL, version, status: 'draft' });
const manifest = (version: string) => JSON.stringify({ name: 'test.ig', version });

/** One entry of a ustar archive. */
function entry(name: string, content: string, kind = '0'): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  header.write(kind, 156);
  header.write('ustar', 257);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chartseal-packages-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function archive(name: string, ...entries: readonly Buffer[]): string {
  const path = join(folder, name);
  writeFileSync(path, gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)])));
  return path;
}

describe('packages', () => {
  it('are read from archives, with and without an index, long names included', () => {
    const long = `package/${'x'.repeat(120)}.json`;
    const path = archive(
      'a.tgz',
      entry('package/package.json', manifest('1.0.0')),
      entry('package/ValueSet-colours.json', JSON.stringify(set('1'))),
      entry('package/example/ValueSet-no.json', JSON.stringify({ ...set('9'), url: `${URL}-no` })),
      entry('package/Patient-a.json', '{"resourceType":"Patient","id":"a"}'),
      entry('PaxHeader', `${String(`path=${long}\n`.length + 4)} path=${long}\n`, 'x'),
      entry('short', JSON.stringify({ ...set('1'), url: `${URL}-long` })),
    );
    const packages = loadPackages([path]);
    assert.deepEqual(packages.names, ['test.ig#1.0.0']);
    assert.deepEqual(packages.find('ValueSet', URL)?.read(), set('1'));
    assert.ok(packages.find('ValueSet', `${URL}-long`));
    assert.equal(packages.find('ValueSet', `${URL}-no`), undefined);
    assert.equal(packages.find('CodeSystem', URL), undefined);
  });

  it('are read from folders, and the one named last counts unless a version is asked for', () => {
    const paths = ['1', '2'].map((version) => {
      const path = join(folder, version);
      mkdirSync(join(path, 'package'), { recursive: true });
      writeFileSync(join(path, 'package', 'package.json'), manifest(version));
      writeFileSync(join(path, 'package', 'set.json'), JSON.stringify(set(version)));
      return path;
    });
    const packages = loadPackages(paths);
    assert.equal(packages.find('ValueSet', URL)?.version, '2');
    assert.equal(packages.find('ValueSet', URL, '1')?.version, '1');
    assert.equal(packages.find('ValueSet', URL, '3'), undefined);
    assert.equal(packages.all('ValueSet').length, 2);
  });

  it('name the path that cannot be read', () => {
    const cut = archive(
      'cut.tgz',
      entry('package/package.json', manifest('1')).subarray(0, 512 + 3),
    );
    const other = archive('other.tgz', entry('readme', 'x'));
    for (const path of [cut, other, join(folder, 'missing.tgz')]) {
      assert.throws(
        () => loadPackages([path]),
        (error: Error) => error.message.includes(path),
      );
    }
  });
});
