import { every, some } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Element } from './element.ts';
import { objects, text } from './official.ts';
import type { Json } from './official.ts';
import { stringHolds } from './strings.ts';
import { bindingOf, inValueSet, isBelow, systemsOf, wholeSystem } from './value-sets.ts';

/** What a token parameter sees in an element. */
export interface Token {
  readonly system?: string;
  readonly code?: string;
  /** The value set that names the system of an element of type `code`. */
  readonly binding?: string;
  /** How letters compare: `code` and `uri` exactly, `string` not at all, of systems it depends. */
  readonly letters: 'exact' | 'any' | 'unknown';
}

export function tokensOf({ type, value, definition, system }: Element): readonly Token[] {
  switch (type) {
    case 'CodeableConcept':
      return objects((value as Json)['coding']).map(coding);
    case 'Coding':
      return [coding(value as Json)];
    case 'Identifier':
      return [pair((value as Json)['system'], (value as Json)['value'])];
    case 'ContactPoint':
      // What it holds is a string.
      return [{ ...pair(undefined, (value as Json)['value']), letters: 'any' }];
    case 'code': {
      const binding = bindingOf(definition);
      return [
        {
          code: String(value),
          letters: 'exact',
          ...(binding === undefined ? {} : { binding }),
          ...(system === undefined ? {} : { system }),
        },
      ];
    }
    case 'string':
      return [{ code: String(value), letters: 'any' }];
    default:
      return isPlain(value) ? [{ code: String(value), letters: 'exact' }] : [];
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function coding(value: Json): Token {
  return pair(value['system'], value['code']);
}

function pair(system: unknown, code: unknown): Token {
  return {
    ...(text(system) === undefined ? {} : { system: String(system) }),
    ...(text(code) === undefined ? {} : { code: String(code) }),
    letters: 'unknown',
  };
}

/** https://hl7.org/fhir/R4/search.html#token */
export function tokenHolds(
  token: Token,
  { system, code }: { readonly system?: string | null; readonly code?: string },
): Answer {
  const codes = code === undefined ? true : sameCode(token, code);
  if (codes === false) return false;
  const systems = sameSystem(token, system);
  if (systems === false) return false;
  return codes === undefined ? undefined : systems;
}

function sameCode({ code, letters }: Token, wanted: string): Answer {
  if (code === undefined) return false;
  if (code === wanted) return true;
  if (letters === 'exact' || code.toLowerCase() !== wanted.toLowerCase()) return false;
  return letters === 'any' ? true : undefined;
}

function sameSystem({ system, code, binding }: Token, wanted: string | null | undefined): Answer {
  if (wanted === undefined) return true;
  if (binding !== undefined) {
    // A code has its value set's system, though it is nowhere written.
    return wanted === null ? undefined : isOf(binding, { system: wanted, code: code ?? '' });
  }
  return wanted === null ? system === undefined : system === wanted;
}

/** Whether a code with this binding is of a system; of one that the whole system does not have, who knows. */
function isOf(binding: string, asked: { readonly system: string; readonly code: string }): Answer {
  const isListed = inValueSet(binding, asked);
  if (wholeSystem(binding) !== asked.system) return isListed;
  return isListed === false ? undefined : true;
}

/** `:in`: the value set has the code. */
export function memberHolds({ system, code, binding }: Token, valueSet: string): Answer {
  if (code === undefined) return false;
  if (binding !== undefined) {
    // The system of a code is nowhere written: it is one of those that its binding takes it from.
    return some(systemsOf(valueSet), (one) => {
      const asked = { system: one, code };
      return every([isOf(binding, asked), inValueSet(valueSet, asked)], (each) => each);
    });
  }
  return system === undefined ? undefined : inValueSet(valueSet, { system, code });
}

/** `:below` and `:above`: the code is the wanted one, or lies below or above it. */
export function hierarchyHolds(
  { system, code, binding }: Token,
  below: boolean,
  wanted: { readonly system?: string | null; readonly code?: string },
): Answer {
  const other = wanted.system;
  if (code === undefined || typeof other !== 'string' || wanted.code === undefined) return false;
  const systems = binding === undefined ? system === other : isOf(binding, { system: other, code });
  if (systems === false) return false;
  const [lower, upper] = below ? [code, wanted.code] : [wanted.code, code];
  const holds = isBelow(other, lower, upper);
  return systems === undefined && holds === true ? undefined : holds;
}

/** The words that belong to the code: `:text`. */
export function tokenTextHolds(element: Element, searched: string): Answer {
  return some(wordsOf(element), (found) => stringHolds(found, undefined, searched));
}

export function wordsOf({ type, value }: Element): readonly string[] {
  const json = value as Json;
  switch (type) {
    case 'CodeableConcept':
      return words([json['text'], ...objects(json['coding']).map(({ display }) => display)]);
    case 'Coding':
      return words([json['display']]);
    case 'Identifier':
      return words(objects([json['type']]).map((kind) => kind['text']));
    default:
      return [];
  }
}

function words(found: readonly unknown[]): readonly string[] {
  return found.filter((item) => text(item) !== undefined) as string[];
}

/** `:of-type`: type's system, type's code, value. */
export function ofTypeHolds(
  { type, value }: Element,
  wanted: { readonly system: string; readonly code: string; readonly value: string },
): Answer {
  if (type !== 'Identifier') return false;
  const identifier = value as Json;
  const types = objects(objects([identifier['type']])[0]?.['coding']).map(coding);
  if (sameCode(pair(undefined, identifier['value']), wanted.value) === false) return false;
  const typed = some(types, (one) => tokenHolds(one, wanted));
  return identifier['value'] === wanted.value ? typed : typed === false ? false : undefined;
}
