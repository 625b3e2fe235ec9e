import type { Drawn, Style } from './drawn.ts';
import { drawToken } from './draw-token.ts';
import { beginning, nearMiss } from './near-miss.ts';
import { dateStretch } from '../../oracle/judge.ts';
import { partsOf } from '../../oracle/elements.ts';
import type { Element } from '../../oracle/element.ts';
import { wordsIn } from '../../oracle/free-text.ts';
import { parentParameter } from '../../oracle/hierarchies.ts';
import { objects, text } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';
import { parameterAt } from '../../oracle/parameters.ts';
import type { Parameter, ParameterType } from '../../oracle/parameters.ts';
import { amountOf } from '../../oracle/quantities.ts';
import type { Prefix, Value } from '../../oracle/question.ts';
import { BASE } from '../../oracle/reference-text.ts';
import { isOurs, referenceText } from '../../oracle/references.ts';
import { textsOf } from '../../oracle/strings.ts';
import type { Random } from './random.ts';

const PREFIXES: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** A value that an element satisfies, or nearly does; undefined when it has none to search for. */
export function drawValue(
  resource: Json,
  element: Element,
  parameter: Pick<Parameter, 'type' | 'components' | 'targets'>,
  style: Style,
): Drawn | undefined {
  switch (parameter.type) {
    case 'token':
      return drawToken(element, style);
    case 'string':
      return drawString(element, style);
    case 'uri':
      return drawUri(String(element.value), style);
    case 'date':
      return drawDate(element, style);
    case 'number':
      return drawNumber(element, style);
    case 'quantity':
      return drawQuantity(element, style);
    case 'reference':
      return drawReference(element, parameter, style);
    case 'composite':
      return drawComposite(resource, element, { parameter, style });
    case 'special':
      return drawNear(element, style);
  }
}

function drawString({ type, value }: Element, { random, plain }: Style): Drawn | undefined {
  if (type === 'words') {
    const words = wordsIn(value as string).filter((word) => word.length > 3);
    return words.length === 0 ? undefined : { value: { kind: 'text', text: random.pick(words) } };
  }
  const texts = textsOf(type, value).filter((item) => /[\p{L}\p{N}]/u.test(item));
  if (texts.length === 0) return undefined;
  const found = random.pick(texts).slice(0, 200);
  if (plain) return { value: { kind: 'text', text: found } };
  switch (random.below(6)) {
    case 0:
      return { modifier: 'exact', value: { kind: 'text', text: found } };
    case 1:
      return { modifier: 'exact', value: { kind: 'text', text: nearMiss(found, random) } };
    case 2: {
      const start = random.below(found.length);
      const inner = found.slice(start, start + 1 + random.below(8));
      return /[\p{L}\p{N}]/u.test(inner)
        ? { modifier: 'contains', value: { kind: 'text', text: inner } }
        : undefined;
    }
    case 3:
      return { value: { kind: 'text', text: beginning(found, random).toUpperCase() } };
    default:
      return { value: { kind: 'text', text: beginning(found, random) } };
  }
}

function drawUri(found: string, { random, plain }: Style): Drawn {
  if (plain) return { value: { kind: 'text', text: found } };
  const up = found.slice(0, Math.max(found.lastIndexOf('/'), 1));
  switch (random.below(5)) {
    case 0:
      return { modifier: 'below', value: { kind: 'text', text: up } };
    case 1:
      return { modifier: 'below', value: { kind: 'text', text: found } };
    case 2:
      return { modifier: 'above', value: { kind: 'text', text: `${found}/more/of-it` } };
    case 3:
      return { value: { kind: 'text', text: nearMiss(found, random) } };
    default:
      return { value: { kind: 'text', text: found } };
  }
}

function drawDate(element: Element, { random, plain }: Style): Drawn | undefined {
  if (element.type === 'string') return undefined;
  const { low, high } = dateStretch(element) ?? {};
  const limits = [low, high === undefined ? undefined : high - 1].filter(
    (end) => end !== undefined,
  );
  if (limits.length === 0) return undefined;
  const moment = new Date(random.pick(limits) + (plain ? 0 : stray(random)));
  if (
    Number.isNaN(moment.getTime()) ||
    moment.getUTCFullYear() < 1 ||
    moment.getUTCFullYear() > 9990
  )
    return undefined;
  const instant = moment.toISOString();
  if (plain) return { value: { kind: 'date', prefix: 'ap', text: instant.slice(0, 10) } };
  const zoned = new Date(moment.getTime() + 5.5 * 3_600_000).toISOString();
  const shapes = [
    instant.slice(0, 4),
    instant.slice(0, 7),
    instant.slice(0, 10),
    `${instant.slice(0, 16)}Z`,
    `${instant.slice(0, 19)}Z`,
    instant,
    `${zoned.slice(0, 19)}+05:30`,
    instant.slice(0, 19),
  ];
  const prefix = random.chance(0.3) ? {} : { prefix: random.pick(PREFIXES) };
  return { value: { kind: 'date', ...prefix, text: random.pick(shapes) } };
}

function stray(random: Random): number {
  return random.chance(0.5) ? 0 : (random.below(5) - 2) * random.pick([1, 1000, 86_400_000, 31e9]);
}

function drawNumber({ value }: Element, { random, plain }: Style): Drawn | undefined {
  const found = typeof value === 'number' ? value : amountIn(value as Json);
  if (found === undefined) return undefined;
  if (plain) return { value: { kind: 'number', prefix: 'ap', text: plainNumber(found) } };
  const prefix = random.chance(0.3) ? {} : { prefix: random.pick(PREFIXES) };
  return { value: { kind: 'number', ...prefix, text: nearNumber(found, random) } };
}

function amountIn(range: Json): number | undefined {
  const [quantity] = [...objects([range['low']]), ...objects([range['high']])];
  const value = quantity?.['value'];
  return typeof value === 'number' ? value : undefined;
}

function drawQuantity(element: Element, { random, plain }: Style): Drawn | undefined {
  const amount = amountOf(element);
  const end = amount?.stretch.low ?? amount?.stretch.high;
  if (amount === undefined || end === undefined) return undefined;
  const found = Number(`${end.units}e${-end.places}`);
  const { system, code, unit } = amount;
  const forms: { readonly system?: string; readonly code?: string }[] = [{}];
  if (code !== undefined) forms.push({ code });
  if (unit !== undefined) forms.push({ code: unit });
  if (code !== undefined && system !== undefined)
    forms.push({ system, code }, { system, code }, { system, code: random.pick(UNITS) });
  if (plain)
    return { value: { kind: 'quantity', prefix: 'ap', text: plainNumber(found), ...forms.at(0) } };
  const prefix = random.chance(0.3) ? {} : { prefix: random.pick(PREFIXES) };
  return {
    value: { kind: 'quantity', ...prefix, text: nearNumber(found, random), ...random.pick(forms) },
  };
}

const UNITS = ['mg', 'g', 'kg', 'cm', 'm', 'mm[Hg]', '/min', 'Cel', '[degF]', 'mg/dL', 'g/L', 's'];

function plainNumber(value: number): string {
  return String(value);
}

function nearNumber(value: number, random: Random): string {
  switch (random.below(7)) {
    case 0:
      return plainNumber(value + random.pick([-1, 1, 0.1, -0.1]));
    case 1:
      return value.toFixed(random.below(4));
    case 2:
      return String(Math.round(value));
    default:
      return plainNumber(value);
  }
}

function drawReference(
  element: Element,
  { targets }: Pick<Parameter, 'targets'>,
  { random, plain }: Style,
): Drawn | undefined {
  const identifier = plain ? undefined : drawIdentifier(element);
  if (identifier !== undefined) return identifier;
  const found = referenceText(element);
  if (found === undefined) return undefined;
  const ours = isOurs(found);
  if (ours !== undefined)
    return plain ? { value: { kind: 'text', text: ours } } : drawOurs(ours, targets, random);
  const unversioned = found.split('|')[0] ?? found;
  return { value: { kind: 'text', text: plain || random.chance(0.5) ? found : unversioned } };
}

function drawOurs(ours: string, targets: readonly string[], random: Random): Drawn | undefined {
  const [type = '', id = ''] = ours.split('/');
  if (targets.includes(type) && parentParameter(type) !== undefined && random.chance(0.5)) {
    const text = id.startsWith('made-tree-') ? `${type}/made-tree-${random.below(8)}` : ours;
    return { modifier: random.pick(['above', 'below']), value: { kind: 'text', text } };
  }
  // A type that it never refers to is refused.
  const named = targets.length === 0 || targets.includes(type);
  switch (random.below(5)) {
    case 0:
      return named ? { modifier: type, value: { kind: 'text', text: id } } : undefined;
    case 1:
      return { value: { kind: 'text', text: `${BASE}/${ours}` } };
    case 2:
      return { value: { kind: 'text', text: `${type}/${nearMiss(id, random).slice(0, 64)}` } };
    default:
      return { value: { kind: 'text', text: ours } };
  }
}

function drawIdentifier({ value }: Element): Drawn | undefined {
  const [identifier] = objects([(value as Json | undefined)?.['identifier']]);
  const [system, code] = [text(identifier?.['system']), text(identifier?.['value'])];
  if (code === undefined) return undefined;
  return {
    modifier: 'identifier',
    value: { kind: 'token', code, ...(system === undefined ? {} : { system }) },
  };
}

function drawComposite(
  resource: Json,
  element: Element,
  {
    parameter,
    style,
  }: { readonly parameter: Pick<Parameter, 'components'>; readonly style: Style },
): Drawn | undefined {
  const parts: Value[] = [];
  for (const { definition, expression } of parameter.components) {
    const part = parameterAt(definition);
    const found = partsOf(resource, element, expression);
    if (part === undefined || found.length === 0) return undefined;
    let drawn: Drawn | undefined;
    for (let attempt = 0; attempt < 20; attempt++) {
      drawn = drawValue(resource, style.random.pick(found), part, style);
      // Parts have no modifiers.
      if (drawn !== undefined && drawn.modifier === undefined) break;
      drawn = undefined;
    }
    if (drawn === undefined) return undefined;
    parts.push(drawn.value);
  }
  return { value: { kind: 'composite', parts } };
}

function drawNear({ value }: Element, { random }: Style): Drawn | undefined {
  const { latitude, longitude } = value as Json;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  const kilometres = random.pick([1, 5, 20, 100, 3000]);
  const off = random.chance(0.3) ? random.next() : 0.0001;
  return { value: { kind: 'near', latitude: latitude + off, longitude, kilometres } };
}

/** What a resource of the type surely does not have. */
export function absentValue(type: ParameterType, parts: readonly ParameterType[]): Value {
  switch (type) {
    case 'token':
      return { kind: 'token', code: 'no-such-code' };
    case 'date':
      return { kind: 'date', text: '0999-01-01' };
    case 'number':
      return { kind: 'number', text: '-987654.25' };
    case 'quantity':
      return { kind: 'quantity', text: '-987654.25' };
    case 'reference':
      return { kind: 'text', text: 'Basic/no-such-resource' };
    case 'special':
      return { kind: 'near', latitude: -77, longitude: 166, kilometres: 1 };
    case 'composite':
      return { kind: 'composite', parts: parts.map((part) => absentValue(part, [])) };
    default:
      return { kind: 'text', text: 'urn:xyzzyqwv' };
  }
}
