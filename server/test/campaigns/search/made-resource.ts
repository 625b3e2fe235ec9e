import type { Json } from '../../oracle/official.ts';
import { parameterAt } from '../../oracle/parameters.ts';
import type { Parameter } from '../../oracle/parameters.ts';
import { madeValue } from './made-value.ts';
import { elementAt } from './structure.ts';
import type { ElementDefinition } from './structure.ts';

type Draft = Record<string, unknown>;

/**
 * A resource with a value for a search parameter, made along the path of its expression; of other elements it has
 * none, so that it need not be valid.
 *
 * @throws RangeError when the definitions do not have the path
 */
export function madeResource(type: string, id: string, parameter: Parameter): Json {
  const resource: Draft = { resourceType: type, id };
  const [part = ''] = ownParts(parameter.expression ?? '', type);
  if (parameter.type !== 'composite') {
    put(resource, type, { steps: stepsOf(part, type), parameter });
    return resource;
  }
  for (const { definition, expression } of parameter.components) {
    const [first = ''] = expression.split(' | ');
    const path = first.startsWith('%resource')
      ? first.replace('%resource', type)
      : `${part}.${first}`;
    const component = parameterAt(definition);
    if (component !== undefined)
      put(resource, type, { steps: stepsOf(path, type), parameter: component });
  }
  return resource;
}

function ownParts(expression: string, type: string): readonly string[] {
  return expression
    .replaceAll(/\(([\w.]+) as (\w+)\)/g, '$1.as($2)')
    .split(' | ')
    .map((part) => part.split(' and ')[0] ?? '')
    .map((part) => part.replace(/\.exists\(\)$/, ''))
    .map((part) => part.replace(/^(Resource|DomainResource)\b/, type))
    .map((part) => (/^[a-z]/.test(part) ? `${type}.${part}` : part))
    .filter((part) => part === type || part.startsWith(`${type}.`));
}

interface Step {
  readonly name: string;
  readonly cast?: string;
  readonly where?: readonly [name: string, value: string];
  readonly target?: string;
}

function stepsOf(path: string, type: string): readonly Step[] {
  const segments =
    path.slice(type.length + 1).match(/(?:[^.()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  const steps: Step[] = [];
  for (const segment of segments) {
    const cast = /^(?:as|ofType)\((\w+)\)$/.exec(segment)?.[1];
    const target = /^where\(resolve\(\) is (\w+)\)$/.exec(segment)?.[1];
    const [, name, value] = /^where\((\w+)='([^']*)'\)$/.exec(segment) ?? [];
    const last = steps.at(-1);
    if (cast !== undefined && last) steps[steps.length - 1] = { ...last, cast };
    else if (target !== undefined && last) steps[steps.length - 1] = { ...last, target };
    else if (name !== undefined && value !== undefined && last)
      steps[steps.length - 1] = { ...last, where: [name, value] };
    else steps.push({ name: segment.replace(/\[0\]$/, '') });
  }
  return steps;
}

/** Puts a value at the end of the steps, into what is there already. */
function put(
  parent: Draft,
  definition: string,
  { steps, parameter }: { readonly steps: readonly Step[]; readonly parameter: Parameter },
): void {
  const [step, ...rest] = steps;
  if (step === undefined) throw new RangeError(`${parameter.url} ends nowhere`);
  const element = elementAt(definition, step.name);
  if (element === undefined) throw new RangeError(`${definition} has no ${step.name}`);
  const type = chosen(element, step, parameter);
  const name = element.choice
    ? `${element.name}${type[0]?.toUpperCase() ?? ''}${type.slice(1)}`
    : element.name;
  if (rest.length === 0 && type !== 'BackboneElement') {
    const target = step.target ?? parameter.targets[0] ?? 'Patient';
    const value = madeValue(type, target);
    if (step.where) (value as Draft)[step.where[0]] = step.where[1];
    parent[name] = element.many ? [value] : value;
    return;
  }
  const child = held(parent, name, element.many);
  if (step.where) child[step.where[0]] = step.where[1];
  // A position, the one element that a parameter takes as a whole.
  if (rest.length === 0) Object.assign(child, { latitude: 10.5, longitude: 20.25 });
  else {
    const own = ['BackboneElement', 'Element'].includes(type);
    const inner = element.content ?? (own ? `${definition}.${step.name}` : type);
    put(child, inner, { steps: rest, parameter });
  }
}

function held(parent: Draft, name: string, many: boolean): Draft {
  const known = parent[name];
  const [present] = Array.isArray(known) ? (known as Draft[]) : [known as Draft | undefined];
  if (present !== undefined) return present;
  const made: Draft = {};
  parent[name] = many ? [made] : made;
  return made;
}

/** Types of a parameter's values, the likeliest first. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  token: ['CodeableConcept', 'Coding', 'code', 'boolean', 'Identifier', 'string'],
  string: ['string', 'markdown', 'HumanName', 'Address'],
  date: ['dateTime', 'date', 'instant', 'Period', 'Timing'],
  quantity: ['Quantity', 'Money', 'Range', 'Age', 'Duration'],
  number: ['decimal', 'integer', 'positiveInt', 'unsignedInt'],
  reference: ['Reference', 'canonical', 'uri'],
  uri: ['uri', 'canonical', 'url', 'oid'],
};

function chosen(element: ElementDefinition, { cast }: Step, { type }: Parameter): string {
  const { types, choice, content } = element;
  if (content !== undefined) return 'BackboneElement';
  if (cast !== undefined) return cast === 'DateTime' ? 'dateTime' : cast;
  if (!choice && types.length === 1) return types[0] ?? '';
  const fitting = FITTING[type]?.find((one) => types.includes(one)) ?? types[0];
  if (fitting === undefined) throw new RangeError('an element without type');
  return fitting;
}
