import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { FhirError } from '../../../src/fhir/errors.ts';
import { applyJsonPatch } from '../../../src/fhir/patch/json-patch.ts';
import { readJsonPatch } from '../../../src/fhir/patch/json-patch-operations.ts';
import { printEntry } from '../../../src/fhir/patch/json-tree.ts';
import { parseTree } from '../../../src/fhir/patch/parse-tree.ts';
import { createPatchReader } from '../../../src/fhir/patch/patch.ts';
import { createTypeModels } from '../../../src/fhir/type-model.ts';
import { createValidator } from '../../../src/fhir/validate/validate.ts';
import { mavenFiles } from '@chartseal/conformance/maven-artifact';
import { resourceFromXml } from './fhir-json.ts';
import { elementsOf, readXml, type XmlElement } from './read-xml.ts';

const ARTIFACT = 'org.hl7.fhir.testcases:fhir-test-cases:1.7.69';
const FOLDER = 'org/hl7/fhir/testcases/r4/patch';
const DEFINITIONS = join(import.meta.dirname, '../../../definitions');

interface Result {
  readonly name: string;
  /** Absent when the case passes. */
  readonly fault?: string;
  /** Something to know of a case that passes. */
  readonly note?: string;
}

/** The FHIRPath-Patch and JSON-Patch cases of HL7's test cases, applied by the code that serves PATCH. */
export function runPatchSuite(): boolean {
  const folder = join(mavenFiles(ARTIFACT, `${FOLDER}/**`), FOLDER);
  const xml = readFileSync(join(folder, 'fhir-patch-tests.xml'), 'utf8');
  const json = readFileSync(join(folder, 'json-patch-tests.json'), 'utf8');
  const parts = [
    report('FHIRPath Patch', fhirPathCases(readXml(xml))),
    report('JSON Patch', (JSON.parse(json) as JsonCase[]).map(jsonCase)),
  ];
  return parts.every((passed) => passed);
}

function report(title: string, results: readonly Result[]): boolean {
  const failed = results.filter(({ fault }) => fault !== undefined);
  console.log(`${title}: ${results.length - failed.length}/${results.length}`);
  for (const { name, fault } of failed) console.log(`  FAIL ${name}: ${fault ?? ''}`);
  for (const { name, note } of results)
    if (note !== undefined) console.log(`  note ${name}: ${note}`);
  return failed.length === 0;
}

function fhirPathCases(suite: XmlElement): readonly Result[] {
  const definitions = loadDefinitions(DEFINITIONS);
  const models = createTypeModels(definitions);
  const { validate } = createValidator(definitions);
  const read = createPatchReader(models, validate);
  return elementsOf(suite).map((one) => {
    const name = one.attributes.get('name') ?? '';
    const resource = (part: string): Record<string, unknown> | undefined => {
      const container = elementsOf(one).find((child) => child.name === part);
      const inner = container === undefined ? undefined : elementsOf(container)[0];
      return inner === undefined ? undefined : resourceFromXml(models, inner);
    };
    const patch = Buffer.from(JSON.stringify(resource('diff')));
    const input = JSON.stringify(resource('input'));
    const expected = resource('output');
    const result = judged(
      name,
      expected,
      () => JSON.parse(read('application/fhir+json', patch)(input)) as unknown,
    );
    // Two cases leave a contact that R4 does not allow: they show how a patch works, and a server refuses the result.
    const invalid = expected === undefined ? undefined : validate(expected)[0];
    const note = `the expected result is not valid R4, so over HTTP it is 422 (${invalid?.diagnostics ?? ''})`;
    return invalid === undefined ? result : { ...result, note };
  });
}

interface JsonCase {
  readonly comment: string;
  readonly doc: unknown;
  readonly patch: unknown;
  readonly expected?: unknown;
  readonly error?: string;
}

function jsonCase({ comment, doc, patch, expected }: JsonCase): Result {
  return judged(comment, expected, () => {
    const document = parseTree(JSON.stringify(doc));
    applyJsonPatch(document, readJsonPatch(Buffer.from(JSON.stringify(patch))));
    return JSON.parse(printEntry(document)) as unknown;
  });
}

/** Without an expected result the case must be refused. */
function judged(name: string, expected: unknown, apply: () => unknown): Result {
  try {
    const actual = apply();
    if (expected === undefined) return { name, fault: 'was applied, but must be refused' };
    if (isDeepStrictEqual(comparable(actual), comparable(expected))) return { name };
    return { name, fault: `${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}` };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return expected === undefined ? { name } : { name, fault: error.message };
  }
}

/** Narrative is compared as XML: a quotation mark may be written in several ways. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('<div ')) return narrative(readXml(value));
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(comparable);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]));
}

function narrative({ name, attributes, children }: XmlElement): unknown {
  const inner = children.map((child) => (typeof child === 'string' ? child : narrative(child)));
  return [name, [...attributes], inner];
}
