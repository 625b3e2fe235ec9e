import { timeRange } from '../instant.ts';
import { unwritable } from '../xml/characters.ts';

/** JSON form and value rules of R4's primitive types (datatypes.html#primitive). */
type Check = (value: string) => boolean;

/** http://hl7.org/fhir/R4/datatypes.html#string */
const LONGEST = 1024 * 1024;
const INT32 = 2_147_483_647;

// None of the patterns can backtrack more than once per character.
const matches =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(value);
const isText: Check = (value) => /\S/.test(value);
const isUri: Check = (value) => value.length > 0 && !/\s/.test(value);
const isDate: Check = (value) => !value.includes('T') && timeRange(value) !== undefined;
const isDateTime: Check = (value) =>
  timeRange(value) !== undefined && (!value.includes('T') || ZONED.test(value));
const isInstant: Check = (value) => ZONED.test(value) && timeRange(value) !== undefined;

const ZONED = /T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const STRINGS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['string', (value) => value.length <= LONGEST && isText(value)],
  ['markdown', isText],
  ['xhtml', (value) => /^\s*<div[\s>]/.test(value) && /<\/div>\s*$/.test(value)],
  ['code', matches(/^[^\s]+( [^\s]+)*$/)],
  ['id', matches(/^[A-Za-z0-9\-.]{1,64}$/)],
  ['uri', isUri],
  ['url', isUri],
  ['canonical', isUri],
  ['oid', matches(/^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/)],
  ['uuid', matches(/^urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/)],
  ['base64Binary', isBase64],
  ['date', isDate],
  ['dateTime', isDateTime],
  ['instant', isInstant],
  ['time', matches(/^([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?$/)],
]);

const NUMBERS = new Map<string, (value: number) => boolean>([
  ['decimal', (value) => Number.isFinite(value)],
  ['integer', (value) => Number.isInteger(value) && value >= -INT32 - 1 && value <= INT32],
  ['unsignedInt', (value) => Number.isInteger(value) && value >= 0 && value <= INT32],
  ['positiveInt', (value) => Number.isInteger(value) && value >= 1 && value <= INT32],
]);

/**
 * Says what is wrong with a primitive's JSON value; undefined when nothing is.
 *
 * @rule primitive types
 */
export function primitiveFault(type: string, value: unknown): string | undefined {
  if (type === 'boolean')
    return typeof value === 'boolean' ? undefined : wanted('true or false', value);
  const number = NUMBERS.get(type);
  if (number) {
    if (typeof value !== 'number') return wanted('a number', value);
    return number(value) ? undefined : `The value is no ${type}`;
  }
  if (typeof value !== 'string') return wanted('a string', value);
  if (value === '') return 'A string must not be empty';
  const character = unwritable(value);
  if (character !== undefined)
    return `The value holds ${character}, which no text may: XML has no such character`;
  const check = STRINGS.get(type);
  return !check || check(value) ? undefined : `The value is no ${type}`;
}

function wanted(what: string, value: unknown): string {
  return `Expected ${what}, found ${jsonKind(value)}`;
}

/** Returns what a JSON value is, in words for messages. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isBase64(value: string): boolean {
  if (!/^[A-Za-z0-9+/=\s]*$/.test(value)) return false;
  const digits = /\s/.test(value) ? value.replace(/\s+/g, '') : value;
  const end = digits.indexOf('=');
  return (
    digits.length > 0 && digits.length % 4 === 0 && (end < 0 || /^={1,2}$/.test(digits.slice(end)))
  );
}
