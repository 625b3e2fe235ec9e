/**
 * Compiles `fhir-profiles/input/fsh` into the FHIR package `fhir-profiles/package`: `npm run profiles [-- --check]`.
 * SUSHI is given R4's definitions from `hl7.fhir.r4.examples`, so that no package server is asked. With `--check`
 * nothing is written: it fails when the package is not what the sources say.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileProfiles, type PackageFiles } from './profiles/compile.ts';

const root = join(import.meta.dirname, '..', '..', 'fhir-profiles');
const target = join(root, 'package');
const { files, findings } = await compileProfiles(root);
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exit(1);

if (process.argv.includes('--check')) {
  const stale = differing(files);
  for (const name of stale) console.error(`fhir-profiles/package/${name} is not up to date`);
  if (stale.length > 0) process.exit(1);
  console.log(`profiles: the package is up to date (${files.size} files)`);
} else {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(target, name), text);
  console.log(`profiles: ${files.size} files`);
}

function differing(wanted: PackageFiles): readonly string[] {
  const present = new Set(readdirSync(target));
  const changed = [...wanted].filter(
    ([name, text]) => !present.has(name) || readFileSync(join(target, name), 'utf8') !== text,
  );
  const left = [...present].filter((name) => !wanted.has(name));
  return [...changed.map(([name]) => name), ...left];
}
