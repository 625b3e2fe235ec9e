import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../../../../server/src/fhir/definitions.ts';
import { printed } from '../../../../server/src/fhir/fhirpath/convert.ts';
import { createFhirPath } from '../../../../server/src/fhir/fhirpath/engine.ts';
import { FhirPathFault } from '../../../../server/src/fhir/fhirpath/fault.ts';
import { isSystem, toSystem } from '../../../../server/src/fhir/fhirpath/item.ts';
import type { Item } from '../../../../server/src/fhir/fhirpath/item.ts';
import { createTypeModels } from '../../../../server/src/fhir/type-model.ts';
import { mavenFiles } from '../../maven-artifact.ts';
import { resourceFromXml } from '../patch/fhir-json.ts';
import { elementsOf, readXml, type XmlElement } from '../patch/read-xml.ts';
import { DIFFERENT } from './different.ts';

const ARTIFACT = 'org.hl7.fhir.testcases:fhir-test-cases:1.7.69';
const FOLDER = 'org/hl7/fhir/testcases/r4';
const DEFINITIONS = join(import.meta.dirname, '../../../../server/definitions');
const WANTED = 0.99;
const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** HL7's FHIRPath cases for R4, evaluated by the engine that invariants, patches and searches use. */
export function runFhirPathSuite(): boolean {
  const folder = join(mavenFiles(ARTIFACT, `${FOLDER}/**`), FOLDER);
  const models = createTypeModels(loadDefinitions(DEFINITIONS));
  const engine = createFhirPath(models);
  const inputs = new Map<string, Record<string, unknown>>();
  const inputOf = (name: string): Record<string, unknown> => {
    const known = inputs.get(name);
    if (known) return known;
    const path = [join(folder, 'examples', name), join(folder, name)].find((one) =>
      existsSync(one),
    );
    if (path === undefined) throw new Error(`no ${name}`);
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    const made = name.endsWith('.json')
      ? text
      : JSON.stringify(resourceFromXml(models, readXml(text)));
    const resource = JSON.parse(made) as Record<string, unknown>;
    inputs.set(name, resource);
    return resource;
  };
  const suite = readXml(
    readFileSync(join(folder, 'fhirpath', 'tests-fhir-r4.xml'), 'utf8').replace(/^\uFEFF/, ''),
  );
  const tests = elementsOf(suite)
    .flatMap(elementsOf)
    .filter(({ name }) => name === 'test');
  const failed = tests.flatMap((test) => {
    const name = test.attributes.get('name') ?? '';
    const input = test.attributes.get('inputfile');
    const resource = input === undefined ? { resourceType: 'Basic' } : inputOf(input);
    const fault = judge(engine, test, resource);
    return fault === undefined ? [] : [{ name, fault }];
  });
  return report(tests.length, failed);
}

function report(
  count: number,
  failed: readonly { readonly name: string; readonly fault: string }[],
): boolean {
  const passed = count - failed.length;
  console.log(`FHIRPath: ${passed}/${count} (${((100 * passed) / count).toFixed(2)} %)`);
  const unexplained = failed.filter(({ name }) => !Object.hasOwn(DIFFERENT, name));
  const gone = Object.keys(DIFFERENT).filter((name) => !failed.some((one) => one.name === name));
  for (const { name, fault } of failed) {
    console.log(
      `  ${DIFFERENT[name] === undefined ? 'FAIL' : 'different'} ${name}: ${fault.slice(0, 200)}`,
    );
    if (DIFFERENT[name] !== undefined) console.log(`    ${DIFFERENT[name]}`);
  }
  for (const name of gone) console.log(`  FAIL ${name} is explained, but passes`);
  return unexplained.length + gone.length === 0 && passed / count >= WANTED;
}

/** Returns what is wrong; undefined when the case passes. */
function judge(
  engine: ReturnType<typeof createFhirPath>,
  test: XmlElement,
  resource: Record<string, unknown>,
): string | undefined {
  const parts = elementsOf(test);
  const source = parts.find(({ name }) => name === 'expression');
  const invalid = source?.attributes.get('invalid');
  const expected = parts
    .filter(({ name }) => name === 'output')
    .map((output) => ({ type: output.attributes.get('type') ?? '', text: textOf(output) }));
  const type = String(resource['resourceType']);
  try {
    const found = engine.evaluate(
      source === undefined ? '' : textOf(source),
      { type, value: resource },
      {
        strict: test.attributes.get('mode')?.includes('strict') ?? false,
        now: () => Date.now(),
        conformsTo: (item, profile) =>
          profile.startsWith(CORE) ? item.type === profile.slice(CORE.length) : undefined,
      },
    );
    // A case may tell what engines that are lenient with names give.
    if (invalid !== undefined && expected.length === 0)
      return `must fail (${invalid}), but gives ${shown(found).join(', ')}`;
    const actual =
      test.attributes.get('predicate') === 'true' ? [String(found.length > 0)] : shown(found);
    const wanted = expected.map((output) => output.text.replace(/^@T?/, ''));
    const same =
      actual.length === wanted.length &&
      actual.every((text, index) => text === wanted[index] || wanted[index] === '');
    return same ? undefined : `${actual.join(', ')} instead of ${wanted.join(', ')}`;
  } catch (error) {
    if (!(error instanceof FhirPathFault)) throw error;
    return invalid === undefined ? error.message : undefined;
  }
}

function textOf(element: XmlElement): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

function shown(items: readonly Item[]): readonly string[] {
  return items.map((item) => {
    const value = toSystem(item);
    if (value !== undefined) return printed(value);
    return isSystem(item) ? '' : JSON.stringify(item.value);
  });
}
