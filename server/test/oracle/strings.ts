import { agreed, some } from './answer.ts';
import type { Answer } from './answer.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';

const NAME = ['text', 'family', 'given', 'prefix', 'suffix'];
const ADDRESS = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'];

/** The texts of an element that a string parameter searches. */
export function textsOf(type: string, value: unknown): readonly string[] {
  const parts = type === 'HumanName' ? NAME : type === 'Address' ? ADDRESS : undefined;
  if (parts === undefined) return text(value) === undefined ? [] : [String(value)];
  return parts.flatMap((part) => {
    const found = (value as Json)[part];
    return (Array.isArray(found) ? (found as unknown[]) : [found]).filter(
      (item) => text(item) !== undefined,
    ) as string[];
  });
}

type Fold = (value: string) => string;

const plain: Fold = (value) =>
  value.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().normalize('NFC');
/** Also brings ß and ss together. */
const wide: Fold = (value) => plain(plain(value).toUpperCase()).replaceAll('ς', 'σ');
/** Punctuation and needless space left out, which servers should do. */
const bare: Fold = (value) => wide(value).replaceAll(/\p{P}/gu, '').replaceAll(/\s+/gu, ' ').trim();
const spaced: Fold = (value) =>
  wide(value)
    .replaceAll(/[\p{P}\s]+/gu, ' ')
    .trim();

/** The form by which words are compared. */
export const folded = wide;
/** The form by which strings are sorted where all readings agree. */
export const sorted = bare;

/** https://hl7.org/fhir/R4/search.html#string */
export function stringHolds(value: string, modifier: string | undefined, searched: string): Answer {
  if (modifier === 'exact') return value === searched;
  const test = modifier === 'contains' ? 'includes' : 'startsWith';
  const readings = [plain, wide, bare, spaced].map((fold) => {
    const wanted = fold(searched);
    return wanted === '' ? undefined : fold(value)[test](wanted);
  });
  const answer = agreed(...readings);
  if (answer !== false || test === 'includes') return answer;
  // Parts of a name may be searched one by one.
  const later = some(wide(value).split(/[\s\p{P}]+/u), (word) => word.startsWith(wide(searched)));
  return later === true ? undefined : false;
}
