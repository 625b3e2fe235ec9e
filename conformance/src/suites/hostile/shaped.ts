import type { R4 } from '../../../../server/src/r4/r4.ts';
import type { Target } from '../../../../server/test/support/hostile-queries.ts';
import { wayOf } from './ways-of-reading.ts';

/** A query with a hostile value somewhere in it. */
export interface Shaped {
  readonly target: Target;
  readonly value: string;
}

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** Says where in a value another may stand. */
const PLACES: readonly ((value: string) => string)[] = [
  ...PREFIXES.map((prefix) => (value: string) => `${prefix}${value}`),
  (value) => `x,${value}`,
  (value) => `${value},1`,
  (value) => `http://s|${value}`,
  (value) => `${value}|c`,
  (value) => `http://s|c|${value}`,
  (value) => `1|${value}|${value}`,
  (value) => `1||${value}`,
  (value) => `c$${value}`,
  (value) => `${value}$1`,
  (value) => `c$1$${value}`,
  (value) => `Patient/${value}`,
  (value) => `http://x/fhir/Patient/${value}`,
  (value) => `#${value}`,
];

/** Around a whole criterion. */
const AROUND: readonly ((code: string, value: string) => readonly [string, string])[] = [
  (code, value) => [`_filter`, `${code} eq ${value}`],
  (code, value) => [`_filter`, `${code} co "${value}"`],
  (code, value) => [`_filter`, `not (${code} sw "${value}")`],
  (code, value) => [`_filter`, `${code}[x eq "${value}"]`],
];

/** Says where names stand. */
const NAMES: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `code:${value}`,
  (value) => `subject:${value}`,
  (value) => `subject.${value}`,
  (value) => `subject:Patient.${value}`,
  (value) => `${value}:Patient.name`,
  (value) => `_has:${value}`,
  (value) => `_has:${value}:patient:code`,
  (value) => `_has:Provenance:${value}:_id`,
  (value) => `_has:Provenance:target:${value}`,
];

/** A parameter of each kind, with hostile values at every place of a value and around it; and as names. */
export function* shaped(r4: R4, values: readonly string[]): Generator<Shaped> {
  for (const { type, code } of oneOfEachKind(r4)) {
    for (const value of values) {
      for (const place of PLACES) yield { target: { type, name: code }, value: place(value) };
      for (const around of AROUND) {
        const [name, whole] = around(code, value);
        yield { target: { type, name }, value: whole };
      }
      const has = `_has:${type}:${code}`;
      yield { target: { type: 'Patient', name: `${has}:${code}` }, value };
      yield { target: { type: 'Provenance', name: `target:${type}.${code}` }, value };
    }
  }
  for (const value of values) {
    for (const named of NAMES) {
      yield { target: { type: 'Observation', name: named(value) }, value: 'a' };
    }
  }
}

function* oneOfEachKind(r4: R4): Generator<{ readonly type: string; readonly code: string }> {
  const seen = new Set<string>();
  for (const type of r4.resourceTypes) {
    for (const parameter of r4.registry.parameters(type).values()) {
      const way = wayOf(parameter, r4);
      if (seen.has(way)) continue;
      seen.add(way);
      yield { type, code: parameter.code };
    }
  }
}
