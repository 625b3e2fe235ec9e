import { printable } from '../../fhir/printable.ts';
import { bad } from '../refusals.ts';
import type { Include } from '../include.ts';
import { mayReferTo } from '../chaining/parse-link.ts';
import type { Registry } from '../registry.ts';

const NAMES: Readonly<Record<string, Pick<Include, 'direction' | 'iterate'>>> = {
  _include: { direction: 'to', iterate: false },
  '_include:iterate': { direction: 'to', iterate: true },
  _revinclude: { direction: 'from', iterate: false },
  '_revinclude:iterate': { direction: 'from', iterate: true },
};

export const includeNames: readonly string[] = Object.keys(NAMES);

/**
 * @throws FhirError `invalid`, naming the parameter
 *
 * @rule _include, _revinclude, :iterate
 */
export function parseInclude(
  type: string,
  [name, value]: readonly [string, string],
  registry: Registry,
): Include {
  const kind = NAMES[name];
  if (kind === undefined) throw new Error(`no include: ${name}`);
  if (value === '*') {
    const source = kind.direction === 'to' && !kind.iterate ? type : undefined;
    return { ...kind, source, param: undefined, target: undefined };
  }
  const [source = '', param = '', target, ...more] = value.split(':');
  if (more.length > 0 || param === '') {
    throw bad(name, 'the value is Type:parameter, Type:parameter:Target, Type:* or *');
  }
  assertType(name, source, registry);
  if (target !== undefined) assertType(name, target, registry);
  const include = { ...kind, source, param: param === '*' ? undefined : param, target };
  assertReference(name, include, registry);
  assertConnected(name, type, include, registry);
  return include;
}

function assertType(name: string, type: string, registry: Registry): void {
  const found = registry.definitions.types.get(type);
  if (found?.kind !== 'resource' || type === 'Resource' || type === 'DomainResource') {
    throw bad(name, `${printable(type)} is no resource type`);
  }
}

function assertReference(
  name: string,
  { source = '', param, target }: Include,
  registry: Registry,
): void {
  if (param === undefined) return;
  const parameter = registry.parameters(source).get(param);
  if (parameter?.type !== 'reference') {
    throw bad(name, `${printable(param)} is no reference parameter of ${source}`);
  }
  if (target !== undefined && !mayReferTo(parameter, target)) {
    throw bad(name, `${param} of ${source} never refers to ${target}`);
  }
}

/** Without `:iterate` it starts at what is searched for. */
function assertConnected(name: string, type: string, include: Include, registry: Registry): void {
  if (include.iterate) return;
  const { direction, source = '', param, target } = include;
  if (direction === 'to') {
    if (source === type) return;
    throw bad(name, `this searches for ${type}, not ${source}: use ${name}:iterate`);
  }
  const parameter = param === undefined ? undefined : registry.parameters(source).get(param);
  const connected = parameter === undefined || mayReferTo(parameter, type);
  if ((target ?? type) !== type || !connected) {
    throw bad(name, `that never refers to ${type}: use ${name}:iterate for what is included`);
  }
}
