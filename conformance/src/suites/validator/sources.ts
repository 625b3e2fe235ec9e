import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mavenFiles } from '../../maven-artifact.ts';

const ARTIFACT = 'org.hl7.fhir.testcases:fhir-test-cases:1.7.69';
const FOLDER = 'org/hl7/fhir/testcases/validator';
/** Lists what a case needs besides R4 itself. */
const NEEDS = ['packages', 'profiles', 'supporting', 'profile', 'logical'];
/** Bundles of all definitions, up to 35 MB; what they hold is also there one by one. */
const HUGE =
  /^Bundle-(dataelements|extensions|profiles-others|resources|searchParams|types|v2-valuesets|v3-valuesets|valueset-expansions|valuesets|conceptmaps)\.json$/;

interface Case {
  readonly file: string;
  readonly version?: string;
}

/** Files of the R4 cases that need no profile, no package and no other resource; each once. */
export function caseFiles(): readonly string[] {
  const folder = join(mavenFiles(ARTIFACT, `${FOLDER}/**`), FOLDER);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    readonly 'test-cases': readonly Case[];
  };
  const cases = manifest['test-cases'].filter(
    (one) => one.version?.startsWith('4.0') === true && !NEEDS.some((name) => name in one),
  );
  return [...new Set(cases.map(({ file }) => join(folder, file)))].filter((file) =>
    existsSync(file),
  );
}

/** The official R4 examples, in which R4's own definitions are as well. */
export function exampleFiles(): readonly string[] {
  const manifest = createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json');
  return readdirSync(dirname(manifest))
    .filter((name) => /^[A-Z]\w+-.*\.json$/.test(name) && !HUGE.test(name))
    .sort()
    .map((name) => join(dirname(manifest), name));
}
