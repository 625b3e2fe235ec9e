import { join } from 'node:path';
import { loadR4 } from '../../src/r4/r4.ts';
import { FhirError } from '../../src/fhir/errors.ts';

const r4 = loadR4(join(import.meta.dirname, '../../definitions'), { base: 'http://h/fhir' });

export function jsonPatch(text: string, operations: unknown): string {
  const body = Buffer.from(
    typeof operations === 'string' ? operations : JSON.stringify(operations),
  );
  return r4.readPatch('application/json-patch+json', body)(text);
}

/** One operation: its parts by name; `value` as the rest of the part, in JSON text so that lexemes stay. */
export interface Operation {
  readonly type: string;
  readonly path: string;
  readonly name?: string;
  readonly value?: string;
  readonly index?: number;
  readonly source?: number;
  readonly destination?: number;
}

export function fhirPathPatch(text: string, ...operations: readonly Operation[]): string {
  const parameters = operations.map((operation) => {
    const parts = Object.entries(operation as unknown as Record<string, string | number>).map(
      ([name, value]) => {
        if (name === 'value') return `{"name":"value",${value}}`;
        const kind = typeof value === 'number' ? 'Integer' : name === 'type' ? 'Code' : 'String';
        return JSON.stringify({ name, [`value${kind}`]: value });
      },
    );
    return `{"name":"operation","part":[${parts.join(',')}]}`;
  });
  const list = parameters.length === 0 ? '' : `,"parameter":[${parameters.join(',')}]`;
  const body = Buffer.from(`{"resourceType":"Parameters"${list}}`);
  return r4.readPatch('application/fhir+json', body)(text);
}

/** The code and message with which a patch is refused; undefined when it is not. */
export function refusal(patch: () => string): string | undefined {
  try {
    patch();
    return undefined;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return `${error.code} ${error.message} ${error.expression?.join() ?? ''}`;
  }
}
