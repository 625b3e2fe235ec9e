/**
 * Distils the R4 conformance resources of `hl7.fhir.r4.examples` (4.0.1, the official ones) into the small files
 * that the server reads: `node server/scripts/distil-definitions.ts [--force]`. Does nothing when they are up to date.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { distilCompartments } from './distil/compartments.ts';
import { withGuideParameters } from './distil/guide-parameters.ts';
import { distilSearchParameters } from './distil/search-parameters.ts';
import { readSource } from './distil/source.ts';
import { distilStructures } from './distil/structures.ts';
import { distilTerminology } from './distil/terminology.ts';
import { distilTypes } from './distil/types.ts';
import { expandBindings } from './distil/value-sets.ts';

const PACKAGE = 'hl7.fhir.r4.examples';
const TARGET = join(import.meta.dirname, '..', 'definitions');
const FILES = [
  ...['types.json', 'value-sets.json', 'search-parameters.json', 'compartments.json'],
  ...['terminology.ndjson', 'terminology-index.json', 'structures.ndjson', 'structures-index.json'],
];

const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
const stamp = stampOf(manifest);
if (!process.argv.includes('--force') && isCurrent(stamp)) process.exit(0);

const source = readSource(dirname(manifest));
const { expansions, open } = expandBindings(source);
const listed = new Set(Object.keys(expansions));
const types = distilTypes(source.structures, { listed, open });
const resources = new Set(
  [...types].filter(([, type]) => type.kind === 'resource').map(([name]) => name),
);
const parameters = withGuideParameters(distilSearchParameters(source.searchParameters, resources));

mkdirSync(TARGET, { recursive: true });
write('types.json', Object.fromEntries(types));
write('value-sets.json', expansions);
write('search-parameters.json', parameters);
write('compartments.json', distilCompartments(source.compartments));
const terminology = distilTerminology(dirname(manifest));
write('terminology.ndjson', terminology.lines);
write('terminology-index.json', terminology.index);
const structures = distilStructures(dirname(manifest));
write('structures.ndjson', structures.lines);
write('structures-index.json', structures.index);
// Last, so that an interrupted run is not taken for a finished one.
write('stamp.json', { stamp });
const count = Object.values(parameters).reduce((sum, list) => sum + list.length, 0);
console.log(
  `definitions: ${resources.size} resource types, ${count} search parameters, ` +
    `${Object.keys(expansions).length} value sets (not enumerable: ${open.size})`,
);

/** Changes with the package and with the code that distils it. */
function stampOf(manifestPath: string): string {
  const hash = createHash('sha256').update(readFileSync(manifestPath));
  const folder = join(import.meta.dirname, 'distil');
  const scripts = readdirSync(folder).map((name) => join(folder, name));
  for (const path of [import.meta.filename, ...scripts.sort()]) hash.update(readFileSync(path));
  return hash.digest('hex');
}

function isCurrent(expected: string): boolean {
  const path = join(TARGET, 'stamp.json');
  if (!existsSync(path) || !FILES.every((name) => existsSync(join(TARGET, name)))) return false;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { stamp?: string }).stamp === expected;
  } catch {
    return false;
  }
}

function write(name: string, content: unknown): void {
  const path = join(TARGET, name);
  writeFileSync(`${path}.new`, typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(`${path}.new`, path);
}
