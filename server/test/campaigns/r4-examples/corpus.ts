import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Example {
  /** `Type-id`, as its file is named. */
  readonly name: string;
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/**
 * HL7's own R4 examples. A Binary comes after what its security context names; consents and what is audited come last,
 * because they change what may be read.
 */
export function* examples(every: number): Generator<Example> {
  const names = readdirSync(folder)
    .filter((name) => /^[A-Z]\w+-.*\.json$/.test(name))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  for (const [index, name] of names.entries()) {
    if (index % every !== 0) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    const { resourceType, id } = JSON.parse(text) as {
      readonly resourceType: string;
      readonly id?: string;
    };
    yield { name: name.slice(0, -5), type: resourceType, id: id ?? 'without-id', text };
  }
}

function rank(name: string): number {
  return ['Binary-', 'Consent-'].findIndex((start) => name.startsWith(start));
}
