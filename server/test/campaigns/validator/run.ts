import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { JsonError, scanJson } from '@chartseal/evidence';
import { FhirError, type Issue } from '../../../src/fhir/errors.ts';
import { loadR4, type R4 } from '../../../src/r4/r4.ts';
import { oracleVerdicts, type Verdict } from './oracle.ts';
import { caseFiles, exampleFiles } from './sources.ts';

const DEFINITIONS = join(import.meta.dirname, '../../../definitions');
const DIFFERENCES = join(import.meta.dirname, 'differences.json');
const WANTED = 0.97;
const SLOWEST_MEDIAN = 5;

/** The file of what is known to differ: a reason for each file, by name. */
interface Differences {
  readonly reasons: Readonly<Record<string, string>>;
  readonly cases: Readonly<Record<string, string>>;
  readonly examples: Readonly<Record<string, string>>;
}

/** Verdicts of `$validate` against those of HAPI's validator: every difference must be explained in differences.json. */
export async function runValidatorSuite(): Promise<boolean> {
  const r4 = loadR4(DEFINITIONS, { base: 'http://127.0.0.1/fhir' });
  const known = JSON.parse(readFileSync(DIFFERENCES, 'utf8')) as Differences;
  const cases = await compare(r4, 'cases', caseFiles());
  const examples = await compare(r4, 'examples', exampleFiles());
  const parts = [report('cases', cases, known), report('examples', examples, known)];
  const median = medianOf(examples.millis);
  console.log(`validation, warm: ${median.toFixed(2)} ms median per example`);
  if (cases.agreed / cases.judged < WANTED) {
    console.log(`  FAIL fewer than ${WANTED * 100} % of the cases agree`);
    return false;
  }
  return parts.every((part) => part) && median <= SLOWEST_MEDIAN;
}

interface Comparison {
  readonly judged: number;
  readonly agreed: number;
  /** Files of which HAPI's validator came to no verdict. */
  readonly open: number;
  readonly differing: ReadonlyMap<string, string>;
  readonly millis: readonly number[];
}

async function compare(r4: R4, name: string, files: readonly string[]): Promise<Comparison> {
  const verdicts = await oracleVerdicts(name, files);
  const differing = new Map<string, string>();
  const millis: number[] = [];
  let open = 0;
  let agreed = 0;
  for (const file of files) {
    const verdict = verdicts.get(file);
    if (verdict === undefined || isOpen(verdict)) {
      open++;
      continue;
    }
    const { errors, took } = ownVerdict(r4, file);
    millis.push(took);
    if ((errors.length === 0) === verdict.valid) agreed++;
    else {
      const own = errors[0]?.diagnostics ?? 'valid';
      const [, location = '', message = 'valid'] =
        verdict.issues.find(([severity]) => severity !== 'warning') ?? [];
      differing.set(basename(file), `ours: ${own}; HAPI: ${location} ${message}`);
    }
  }
  return { judged: files.length - open, agreed, open, differing, millis };
}

/** The validator broke, or wanted a package that it has not. */
function isOpen({ issues }: Verdict): boolean {
  return issues.some(
    ([severity, , message]) =>
      (severity === 'failure' && !message.includes('MalformedJsonException')) ||
      message.includes('Unable to resolve package id') ||
      /^Extension url '[^']*' is not valid \(invalid Version/.test(message),
  );
}

function ownVerdict(
  r4: R4,
  file: string,
): { readonly errors: readonly Issue[]; readonly took: number } {
  const text = readFileSync(file, 'utf8');
  try {
    const json = file.endsWith('.xml') ? fromXml(r4, text) : text;
    const resource: unknown = JSON.parse(scanJson(Buffer.from(json)).text);
    r4.review(resource);
    const start = performance.now();
    const issues = r4.review(resource);
    const took = performance.now() - start;
    return { errors: issues.filter(({ severity }) => severity === 'error'), took };
  } catch (error) {
    if (!(error instanceof FhirError) && !(error instanceof JsonError)) throw error;
    const issue = { severity: 'error', code: 'structure', diagnostics: error.message } as const;
    return { errors: [issue], took: 0 };
  }
}

function fromXml(r4: R4, text: string): string {
  const steps = r4.fromXml(text.replace(/^\uFEFF/, ''));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function report(name: 'cases' | 'examples', found: Comparison, known: Differences): boolean {
  const percent = ((100 * found.agreed) / found.judged).toFixed(2);
  console.log(
    `${name}: ${found.agreed}/${found.judged} verdicts agree (${percent} %); of ${found.open} HAPI has none`,
  );
  const explained = known[name];
  const unexplained = [...found.differing].filter(([file]) => !Object.hasOwn(explained, file));
  const gone = Object.keys(explained).filter((file) => !found.differing.has(file));
  const groundless = Object.entries(explained).filter(
    ([, why]) => !Object.hasOwn(known.reasons, why),
  );
  for (const [file, what] of unexplained) console.log(`  FAIL ${file} is not explained: ${what}`);
  for (const file of gone) console.log(`  FAIL ${file} is explained, but does not differ`);
  for (const [file, why] of groundless) console.log(`  FAIL ${file}: no reason ${why}`);
  return unexplained.length + gone.length + groundless.length === 0;
}

function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
