import { FhirError } from '../../fhir/errors.ts';
import { instantOf, timeRange } from '../../fhir/instant.ts';
import { printable } from '../../fhir/printable.ts';
import type { R4 } from '../../r4/r4.ts';
import type { Pairs } from '../../interactions/search/search.ts';
import type { Shape } from '../../fhir/subset.ts';
import { parseReadShape } from '../../search/parse/parse-shape.ts';
import type { Declared, Input } from '../input.ts';
import { typesOfEverything } from './types-of-everything.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1000;

/** http://hl7.org/fhir/R4/patient-operation-everything.html#examples */
export interface EverythingAsked {
  readonly count: number;
  /** Written at or after this, in ms since the epoch. */
  readonly since: number | undefined;
  /** Leaves resources of these types only. */
  readonly types: ReadonlySet<string> | undefined;
  /** With `end`, leaves only what concerns care between them, in ms since the epoch. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** From a page link. */
  readonly cursor: string | undefined;
  /** Undefined: whole resources. */
  readonly shape: Shape | undefined;
  /** As sent, to be repeated in links; without the cursor. */
  readonly used: Pairs;
  readonly ignored: Input['ignored'];
}

const SHAPES = ['_summary', '_elements'] as const;

const ALWAYS: Declared = {
  _since: 'dateTime',
  _type: 'code*',
  _count: 'integer',
  _cursor: 'string',
  _summary: 'code',
  _elements: 'string',
};

export const EVERYTHING: Readonly<Record<'Patient' | 'Encounter', Declared>> = {
  Patient: { ...ALWAYS, start: 'dateTime', end: 'dateTime' },
  Encounter: ALWAYS,
};

/** @throws FhirError that names the parameter */
export function readEverything(r4: R4, type: string, input: Input): EverythingAsked {
  const names = input.texts('_type').flatMap((text) => text.split(','));
  for (const name of names) {
    if (!r4.isResourceType(name)) throw bad('_type', `${printable(name)} is no resource type`);
  }
  const count = input.number('_count') ?? DEFAULT_COUNT;
  if (count < 1) throw bad('_count', 'it must be a whole number from 1');
  const texts = ['_since', 'start', 'end', ...SHAPES].flatMap((name): [string, string][] => {
    const text = input.text(name);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    count: Math.min(count, MAX_COUNT),
    since: since(input.text('_since')),
    types: names.length === 0 ? undefined : new Set(names),
    start: day(input.text('start'), 'start')?.from,
    end: day(input.text('end'), 'end')?.to,
    cursor: input.text('_cursor'),
    shape: shapeOf(r4, type, input),
    ignored: input.ignored,
    used: [
      ...texts,
      ...(names.length === 0 ? [] : [['_type', names.join(',')] as const]),
      ...(input.has('_count') ? [['_count', String(count)] as const] : []),
    ],
  };
}

function shapeOf({ registry }: R4, type: string, input: Input): Shape | undefined {
  const pairs = SHAPES.map((name) => [name, input.text(name) ?? ''] as const);
  return parseReadShape(typesOfEverything(registry, type), pairs, registry);
}

function since(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const found = instantOf(text);
  if (found === undefined) throw bad('_since', 'it must be an instant');
  return found;
}

function day(text: string | undefined, name: string): ReturnType<typeof timeRange> {
  if (text === undefined) return undefined;
  const found = timeRange(text);
  if (found === undefined) throw bad(name, 'it must be a date');
  return found;
}

function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `Parameter ${name}: ${what}`, { expression: `http.${name}` });
}
