import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { ExpansionEntry } from '../../fhir/terminology/expand.ts';
import { splitCanonical } from '../../fhir/terminology/source.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import { foldString } from '../../search/fold.ts';
import type { Declared, Input } from '../input.ts';
import { valueSetOf, type Call } from './asked.ts';
import { displayIn } from './wording.ts';

export const EXPAND: Declared = {
  url: 'uri',
  valueSet: 'resource',
  valueSetVersion: 'string',
  filter: 'string',
  offset: 'integer',
  count: 'integer',
  includeDesignations: 'boolean',
  includeDefinition: 'boolean',
  activeOnly: 'boolean',
  excludeNested: 'boolean',
  excludeNotForUI: 'boolean',
  excludePostCoordinated: 'boolean',
  displayLanguage: 'code',
  'exclude-system': 'canonical*',
};

/** Most codes of a whole answer, and of what is looked through for a page of it. */
const MOST_AT_ONCE = 10_000;
const MOST_BY_PAGES = 100_000;

/**
 * `ValueSet/$expand`: http://hl7.org/fhir/R4/valueset-operation-expand.html; always flat
 *
 * @rule $expand
 */
export async function expand(services: Services, principal: Principal, call: Call): Promise<Reply> {
  const { input } = call;
  const offset = natural(input, 'offset') ?? 0;
  const count = natural(input, 'count');
  const { set, terminology } = await valueSetOf(services, principal, {
    input,
    call,
    operation: '$expand',
  });
  const { entries, used } = terminology.expand(set, {
    limit: count === undefined ? MOST_AT_ONCE : MOST_BY_PAGES,
    activeOnly: input.flag('activeOnly') === true,
  });
  const wanted = entries.filter(chosen(input, new Set(used)));
  const page = wanted.slice(offset, count === undefined ? undefined : offset + count);
  const result: ValueSet = {
    resourceType: 'ValueSet',
    ...described(set, input.flag('includeDefinition') === true),
    expansion: {
      identifier: `urn:uuid:${services.newId()}`,
      timestamp: new Date(services.clock()).toISOString(),
      total: wanted.length,
      offset,
      parameter: parameters(input, used),
      ...(page.length === 0 ? {} : { contains: page.map((entry) => contained(entry, input)) }),
    },
  };
  return { status: 200, body: JSON.stringify(result) };
}

function natural(input: Input, name: string): number | undefined {
  const value = input.number(name);
  if (value === undefined || value >= 0) return value;
  throw new FhirError('invalid', `${name} is not negative`, { expression: `http.${name}` });
}

/** R4 leaves to the server what a text filter means: here each of its words begins a word of the name, or the code. */
function chosen(input: Input, used: ReadonlySet<string>): (entry: ExpansionEntry) => boolean {
  const words = foldString(input.text('filter') ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const excluded = new Set(
    input
      .texts('exclude-system')
      .filter((one) => !one.includes('|') || used.has(one))
      .map((one) => splitCanonical(one).url),
  );
  const concrete = input.flag('excludeNotForUI') === true;
  return (entry) => {
    if (excluded.has(entry.system) || (concrete && entry.abstract === true)) return false;
    if (words.length === 0) return true;
    const names = [entry.display, ...(entry.designation ?? []).map(({ value }) => value)];
    const text = names.map((name) => ` ${foldString(name ?? '')}`).join(' ');
    const code = foldString(entry.code);
    return words.every((word) => code.startsWith(word) || begins(text, word));
  };
}

function begins(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true;
  }
  return false;
}

function contained(entry: ExpansionEntry, input: Input): ValueSetExpansionContains {
  const { system, code, abstract, inactive, designation } = entry;
  const display = displayIn(entry, input.text('displayLanguage'));
  return {
    system,
    ...(abstract === undefined ? {} : { abstract }),
    ...(inactive === undefined ? {} : { inactive }),
    code,
    ...(display === undefined ? {} : { display }),
    ...(input.flag('includeDesignations') === true && designation !== undefined
      ? { designation }
      : {}),
  };
}

function described(set: ValueSet, whole: boolean): Omit<ValueSet, 'resourceType' | 'expansion'> {
  const { id, url, version, name, title, status, compose } = set;
  return {
    ...(id === undefined ? {} : { id }),
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
    ...(name === undefined ? {} : { name }),
    ...(title === undefined ? {} : { title }),
    status,
    ...(whole && compose !== undefined ? { compose } : {}),
  };
}

/** Returns what the content of the expansion depends on. */
function parameters(input: Input, used: readonly string[]): ValueSetExpansionParameter[] {
  const flag = (name: string): ValueSetExpansionParameter[] => {
    const valueBoolean = input.flag(name);
    return valueBoolean === undefined ? [] : [{ name, valueBoolean }];
  };
  const text = (name: string): ValueSetExpansionParameter[] => {
    const valueString = input.text(name);
    return valueString === undefined ? [] : [{ name, valueString }];
  };
  const count = input.number('count');
  return [
    { name: 'excludeNested', valueBoolean: true },
    ...['activeOnly', 'includeDesignations', 'excludeNotForUI'].flatMap(flag),
    ...['filter', 'displayLanguage'].flatMap(text),
    ...input.texts('exclude-system').map((valueUri) => ({ name: 'exclude-system', valueUri })),
    ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ...used.map((valueUri) => ({ name: 'version', valueUri })),
  ];
}
