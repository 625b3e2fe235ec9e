import type { Drawn, Style } from './drawn.ts';
import { beginning, nearMiss } from './near-miss.ts';
import type { Element } from '../../oracle/element.ts';
import { objects, text } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';
import type { Value } from '../../oracle/question.ts';
import { enumeratedSets, isBelow, relatives, systemsOf } from '../../oracle/value-sets.ts';
import type { Token } from '../../oracle/tokens.ts';
import { tokenHolds, tokensOf, wordsOf } from '../../oracle/tokens.ts';
import type { Random } from './random.ts';

export function drawToken(element: Element, { random, plain }: Style): Drawn | undefined {
  const tokens = tokensOf(element).filter(({ code }) => text(code) !== undefined);
  const special = plain ? undefined : drawSpecial(element, tokens, random);
  if (special !== undefined) return special;
  if (tokens.length === 0) return undefined;
  const { system, code = '', binding } = random.pick(tokens);
  if (plain) return { value: { kind: 'token', ...(system === undefined ? {} : { system }), code } };
  const wanted = random.chance(0.1) ? nearMiss(code, random) : code;
  const forms: Value[] = [{ kind: 'token', code: wanted }];
  if (system !== undefined)
    forms.push({ kind: 'token', system, code: wanted }, { kind: 'token', system });
  if (binding !== undefined) {
    for (const bound of systemsOf(binding)) {
      const known = tokenHolds({ code, binding, letters: 'exact' }, { system: bound, code });
      if (known !== undefined)
        forms.push(
          { kind: 'token', system: bound, code: wanted },
          { kind: 'token', system: bound },
        );
    }
  }
  if (binding === undefined && COMPLEX.has(element.type))
    forms.push({ kind: 'token', system: null, code: wanted });
  const value = random.pick(forms);
  return random.chance(0.15) ? { modifier: 'not', value } : { value };
}

/** With the modifiers that search for something else than codes. */
function drawSpecial(
  element: Element,
  tokens: readonly Token[],
  random: Random,
): Drawn | undefined {
  const kind = random.next();
  if (kind < 0.1) {
    const words = drawWords(element, random);
    return words === undefined
      ? undefined
      : { modifier: 'text', value: { kind: 'token', code: words } };
  }
  if (kind < 0.2) return drawMember(element, tokens, random);
  return kind < 0.4 && element.type === 'Identifier' ? drawOfType(element, random) : undefined;
}

/** Types whose tokens may have a system. */
const COMPLEX = new Set(['Coding', 'CodeableConcept', 'Identifier']);

/** What has to do with code systems and value sets. */
function drawMember(
  { type }: Element,
  tokens: readonly Token[],
  random: Random,
): Drawn | undefined {
  if (tokens.length === 0) return undefined;
  const { system, code, binding } = random.pick(tokens);
  // Of what can have no system, a server may refuse to tell.
  if (system === undefined && binding === undefined && !COMPLEX.has(type)) return undefined;
  if (random.chance(0.5)) {
    const sets = enumeratedSets().filter(
      (set) => system === undefined || systemsOf(set).includes(system),
    );
    const near = binding !== undefined && sets.includes(binding) && random.chance(0.5);
    if (sets.length === 0) return undefined;
    const set = near ? binding : random.pick(sets);
    return { modifier: random.pick(['in', 'in', 'not-in']), value: { kind: 'text', text: set } };
  }
  const known = system ?? systemsOf(binding ?? '')[0];
  if (known === undefined || code === undefined || isBelow(known, code, code) === undefined)
    return undefined;
  const wanted = random.pick(relatives(known, code));
  return {
    modifier: random.pick(['above', 'below']),
    value: { kind: 'token', system: known, code: wanted },
  };
}

function drawWords(element: Element, random: Random): string | undefined {
  const words = wordsOf(element);
  return words.length === 0 ? undefined : beginning(random.pick(words), random);
}

function drawOfType({ value }: Element, random: Random): Drawn | undefined {
  const identifier = value as Json;
  const types = objects((identifier['type'] as Json | undefined)?.['coding']).filter(
    ({ system, code }) => text(system) !== undefined && text(code) !== undefined,
  );
  const found = text(identifier['value']);
  if (types.length === 0 || found === undefined) return undefined;
  const { system, code } = random.pick(types) as { readonly system: string; readonly code: string };
  const wanted = random.chance(0.2) ? nearMiss(found, random) : found;
  return { modifier: 'of-type', value: { kind: 'of-type', system, code, value: wanted } };
}
