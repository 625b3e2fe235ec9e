import { globSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DiskBasedVirtualPackage } from 'fhir-package-loader';
import { fhirdefs, sushiExport, sushiImport, utils } from 'fsh-sushi';
import { implementationGuide, manifest, type Compiled } from './package-files.ts';

/** Text by file name. */
export type PackageFiles = ReadonlyMap<string, string>;

/**
 * @param snapshots whole definitions, not only what they say beyond R4's: ten times the text
 * @returns what the package is made of, and SUSHI's errors and warnings as text
 */
export async function compileProfiles(
  folder: string,
  { snapshots = false }: { readonly snapshots?: boolean } = {},
): Promise<{ readonly files: PackageFiles; readonly findings: readonly string[] }> {
  const tracked = utils.errorsAndWarnings;
  tracked.reset();
  tracked.shouldTrack = true;
  for (const transport of utils.logger.transports) transport.silent = true;

  const config = sushiImport.importConfiguration(
    readFileSync(join(folder, 'sushi-config.yaml'), 'utf8'),
    'sushi-config.yaml',
  );
  const definitions = await fhirdefs.createFHIRDefinitions();
  await definitions.loadVirtualPackage(r4());
  const sources = globSync('input/fsh/*.fsh', { cwd: folder }).sort();
  const tank = utils.fillTank(
    sources.map((name) => new sushiImport.RawFSH(readFileSync(join(folder, name), 'utf8'), name)),
    config,
  );
  const made = sushiExport.exportFHIR(tank, definitions);
  const artifacts = [
    made.profiles,
    made.extensions,
    made.codeSystems,
    made.valueSets,
    made.instances,
  ]
    .flat()
    .map((artifact) => versioned(artifact.toJSON(snapshots) as Compiled, config.version));
  const findings = [...tracked.errors, ...tracked.warnings].map(
    ({ message, location, input }) => `${input ?? ''}:${location?.startLine ?? ''} ${message}`,
  );
  const all = [...artifacts, implementationGuide(config, artifacts)];
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    files: new Map([
      ['package.json', text(manifest(config))],
      ...all.map((one): [string, string] => [`${one.resourceType}-${one.id}.json`, text(one)]),
    ]),
    findings,
  };
}

/** R4's own definitions, as the package that SUSHI wants. */
function r4(): DiskBasedVirtualPackage {
  const examples = dirname(
    createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'),
  );
  const paths = readdirSync(examples)
    .filter((name) => /^(StructureDefinition|ValueSet|CodeSystem)-/.test(name))
    .map((name) => join(examples, name));
  return new DiskBasedVirtualPackage({ name: 'hl7.fhir.r4.core', version: '4.0.1' }, paths);
}

/** Definitions carry the version of their package, after their URL; examples have none. */
function versioned(artifact: Compiled, version: string | undefined): Compiled {
  if (artifact.url === undefined || version === undefined) return artifact;
  const { resourceType, id, url, ...rest } = artifact;
  return { resourceType, id, url, version, ...rest };
}
