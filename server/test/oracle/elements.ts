import fhirpath from 'fhirpath';
import type { Model } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import type { Element } from './element.ts';
import { freeText } from './free-text.ts';
import { neighbouringSystem } from './neighbouring-system.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';
import type { Parameter } from './parameters.ts';
import { typeOfReference } from './reference-text.ts';

interface Node {
  readonly data: unknown;
  readonly path: string | null;
  readonly fhirNodeDataType: string | null;
  readonly propName: string | null;
  readonly parentResNode: Node | null;
}

type Evaluate = (resource: unknown, environment: Json) => readonly unknown[];

const model = r4 as Model;

const compiled = new Map<string, Evaluate>();

/** The values of a parameter in a resource; a primitive without a value is none. */
export function elementsOf(resource: Json, parameter: Parameter): readonly Element[] {
  if (parameter.expression === undefined) return freeText(resource, parameter.code);
  const found = ownParts(parameter.expression, text(resource['resourceType']) ?? '').flatMap(
    (part) => evaluate(resource, part, { resource }),
  );
  // A bundle may begin with what is no composition or message.
  return parameter.type === 'reference' ? found.filter((one) => mayStand(one, parameter)) : found;
}

function mayStand({ value }: Element, { targets }: Parameter): boolean {
  const type = (value as Json)['resourceType'];
  return type === undefined || targets.includes(type as string);
}

/** The same for a part of a composite, seen from one of the composite's elements. */
export function partsOf(resource: Json, from: Element, expression: string): readonly Element[] {
  // One by one: the union compares its items, which quantities with a comparator do not bear.
  return expression
    .split(' | ')
    .flatMap((part) => evaluate(from.value, part, { resource, base: from.base }));
}

function evaluate(
  from: unknown,
  expression: string,
  { resource, base }: { readonly resource: Json; readonly base?: string },
): readonly Element[] {
  const key = `${base ?? ''} ${expression}`;
  const run = compiled.get(key) ?? compile(expression, base);
  compiled.set(key, run);
  // A cast names the very type that stands in the element's name, not what specialises it.
  const cast = /(?: as |\.as\()(\w+)\)$/.exec(expression)?.[1]?.replace('DateTime', 'dateTime');
  return run(from, { resource }).flatMap((found) => {
    // Of a boolean that the expression itself computes.
    if (typeof found === 'boolean')
      return [{ type: 'boolean', definition: '', base: '', value: found }];
    const node = found as Node;
    if (node.data === undefined || node.data === null) return [];
    if (cast !== undefined && cast !== node.fhirNodeDataType) return [];
    const definition = `${node.parentResNode?.path ?? ''}.${node.propName ?? ''}`;
    const system = neighbouringSystem(definition, node);
    return [
      {
        type: node.fhirNodeDataType ?? '',
        definition,
        base: node.path ?? '',
        value: isNumber(node.data) ? node.data.toNumber() : node.data,
        ...(system === undefined ? {} : { system }),
      },
    ];
  });
}

/** Of the library, which keeps all digits. */
function isNumber(value: unknown): value is { toNumber(): number } {
  return typeof value === 'object' && value !== null && 'toNumber' in value;
}

function compile(expression: string, base: string | undefined): Evaluate {
  const modern = modernised(expression);
  const path = base === undefined ? modern : { base, expression: modern };
  return fhirpath.compile(path, model, {
    resolveInternalTypes: false,
    userInvocationTable: {
      refersTo: {
        fn: (references: readonly Node[], type: string) =>
          references.map(({ data }) => typeOfReference(data as Json, root(references[0])) === type),
        arity: { 0: [], 1: ['String'] },
        internalStructures: true,
      },
    },
  } as never) as Evaluate;
}

function root(node: Node | undefined): Json {
  let at = node;
  while (at?.parentResNode) at = at.parentResNode;
  return at?.data as Json;
}

/** Of a union over many types, what concerns this one. */
function ownParts(expression: string, type: string): readonly string[] {
  return expression.split(' | ').filter((part) => {
    const start = /^\(?(\w+)/.exec(part)?.[1] ?? '';
    return [type, 'Resource', 'DomainResource'].includes(start) || /^[a-z]/.test(start);
  });
}

/**
 * The definitions' `as` is for single values, but meant for lists; `DateTime` is a slip for `dateTime`; and what a
 * reference points to is told from the reference.
 */
function modernised(expression: string): string {
  return expression
    .replaceAll(/\(([\w.]+) as (\w+)\)/g, '$1.ofType($2)')
    .replaceAll(/\.as\((\w+)\)/g, '.ofType($1)')
    .replaceAll('ofType(DateTime)', 'ofType(dateTime)')
    .replaceAll(/resolve\(\) is (\w+)/g, "refersTo('$1')");
}
