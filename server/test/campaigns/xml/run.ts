import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { FhirError } from '../../../src/fhir/errors.ts';
import { createTypeModels } from '../../../src/fhir/type-model.ts';
import { jsonToXml } from '../../../src/fhir/xml/json-to-xml.ts';
import { xmlToJson } from '../../../src/fhir/xml/xml-to-json.ts';
import { cached } from '@chartseal/conformance/cache-folder';
import { mavenFiles } from '@chartseal/conformance/maven-artifact';
import { suiteNumber } from '@chartseal/conformance/suite-option';
import { lexicalDifference, publishedDifference } from './compare-json.ts';
import { xmlDifference } from './compare-xml.ts';
import { judgedByHapi } from './hapi.ts';
import { DIFFERENT_TWINS } from './different-twins.ts';

const ARTIFACT = 'com.ibm.fhir:fhir-examples:4.11.1';
const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const models = createTypeModels(loadDefinitions(join(ROOT, 'server', 'definitions')));

/** Both files have `1E-22`, which HAPI writes out in digits when it comes from JSON. */
const HAPI_WRITES_OTHERWISE = /^observation-decimal: .*1E-22/;

/** `--every=7` takes one example of seven. */
const every = suiteNumber('every', 1);

interface Part {
  readonly title: string;
  readonly cases: number;
  readonly faults: readonly string[];
  /** Tells of others than of the server. */
  readonly mayFail?: true;
}

/** The XML examples of R4 as JSON and back, the JSON examples as XML and back, and both forms of one example compared. */
export function runXmlSuite(): boolean {
  const began = performance.now();
  const parts = [fromXml(), fromJson()].flat();
  const lines = parts.flatMap(({ title, cases, faults, mayFail }) => [
    `${title}: ${cases - faults.length}/${cases}`,
    ...faults.map((fault) => `  ${mayFail === true ? 'note' : 'FAIL'} ${fault}`),
  ]);
  lines.push(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  console.log(lines.join('\n'));
  const reports = join(ROOT, 'conformance', 'reports');
  mkdirSync(reports, { recursive: true });
  writeFileSync(join(reports, 'xml.txt'), `${lines.join('\n')}\n`);
  return parts.every(
    ({ cases, faults, mayFail }) => mayFail === true || (cases > 0 && faults.length === 0),
  );
}

function fromXml(): readonly Part[] {
  const folder = join(mavenFiles(ARTIFACT, 'xml/spec/**'), 'xml', 'spec');
  const twins = join(mavenFiles(ARTIFACT, 'json/spec/**'), 'json', 'spec');
  const present = new Set(readdirSync(twins));
  const there: string[] = [];
  const alike: string[] = [];
  const names = examples(folder, '.xml');
  let compared = 0;
  for (const name of names) {
    const xml = readFileSync(join(folder, name), 'utf8');
    const json = attempt(there, name, () => {
      const made = end(xmlToJson(models, xml));
      const back = end(jsonToXml(models, made));
      const difference = xmlDifference(xml, back);
      if (difference !== undefined) there.push(`${name}: ${difference}`);
      return made;
    });
    const twin = name.replace(/\.xml$/, '.json');
    if (json === undefined || !present.has(twin)) continue;
    compared += 1;
    const difference = publishedDifference(json, readFileSync(join(twins, twin), 'utf8'));
    const known = DIFFERENT_TWINS.get(twin);
    if (difference === undefined ? known !== undefined : known?.test(difference) !== true) {
      alike.push(`${name}: ${difference ?? 'is the same now'}`);
    }
  }
  return [
    { title: 'XML → JSON → XML', cases: names.length, faults: there },
    { title: 'XML and JSON of the same example', cases: compared, faults: alike },
  ];
}

function fromJson(): readonly Part[] {
  const folder = join(mavenFiles(ARTIFACT, 'json/spec/**'), 'json', 'spec');
  const names = examples(folder, '.json').filter((name) => !name.startsWith('package'));
  const faults: string[] = [];
  const written = cached('xml-for-hapi');
  rmSync(written, { recursive: true, force: true });
  mkdirSync(written, { recursive: true });
  for (const [index, name] of names.entries()) {
    const json = readFileSync(join(folder, name), 'utf8');
    attempt(faults, name, () => {
      const xml = end(jsonToXml(models, json, { pretty: index % 2 === 0 }));
      const difference = lexicalDifference(json, end(xmlToJson(models, xml)));
      if (difference !== undefined) faults.push(`${name}: ${difference}`);
      writeFileSync(join(written, name.replace(/\.json$/, '.xml')), xml);
    });
  }
  const hapi = judgedByHapi(folder, written);
  const beyondHapi = hapi.faults.filter((fault) => !HAPI_WRITES_OTHERWISE.test(fault));
  return [
    { title: 'JSON → XML → JSON', cases: names.length, faults },
    { title: 'JSON → XML, both read by HAPI', cases: hapi.compared, faults: beyondHapi },
    { title: 'JSON that HAPI reads', cases: names.length, faults: hapi.skipped, mayFail: true },
  ];
}

function examples(folder: string, extension: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(extension));
  return names.sort().filter((_, index) => index % every === 0);
}

function attempt<T>(faults: string[], name: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    faults.push(`${name}: ${error.message}`);
    return undefined;
  }
}

function end<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
