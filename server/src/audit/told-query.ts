import { GENERAL_PARAMETERS } from '../fhir/general-parameters.ts';

/** Stands for a value that is not for this patient. */
const NOT_TOLD = '…';

/** Lists what shapes an answer, and what asks for codes, dates and states, tells of nobody: these values are shown. */
const TOLD: ReadonlySet<string> = new Set([
  ...GENERAL_PARAMETERS,
  ...[
    '_contained',
    '_containedType',
    '_count',
    '_elements',
    '_include',
    '_lastUpdated',
    '_profile',
  ],
  ...['_revinclude', '_security', '_since', '_sort', '_summary', '_tag', '_total', '_type'],
  ...['category', 'class', 'clinical-status', 'code', 'date', 'intent', 'status', 'type'],
  ...['vaccine-code', 'verification-status'],
]);

/** Codes, dates and numbers, no free text: what else stands there may be somebody's name. */
const CODED = /^[\w.:/|,+-]*$/;

/**
 * Returns a search string as the log of one patient may show it: what was asked, and none of the values that may name
 * somebody else, such as identifiers, names, or other patients of the same search.
 *
 * @param query as sent, without the type
 * @param patient id
 */
export function toldQuery(query: string, patient: string): string {
  return query
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) return pair;
      const name = pair.slice(0, at);
      return `${name}=${toldValue(decoded(name), pair.slice(at + 1), patient)}`;
    })
    .join('&');
}

function toldValue(name: string, sent: string, patient: string): string {
  const value = decoded(sent);
  if (TOLD.has(name) && CODED.test(value)) return sent;
  return value
    .split(',')
    .map((each) => (isOwn(each, patient) ? each : NOT_TOLD))
    .join(',');
}

/** Tells whether a value is a reference to the patient, as `a`, `Patient/a` or an absolute URL that ends so. */
function isOwn(value: string, patient: string): boolean {
  return (
    value === patient || value === `Patient/${patient}` || value.endsWith(`/Patient/${patient}`)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return NOT_TOLD;
  }
}
