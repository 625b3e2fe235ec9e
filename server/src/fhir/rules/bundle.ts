import { parseReference } from '../reference.ts';
import { objectsOf } from '../rule.ts';
import type { Json } from '../rule.ts';
import { isAbsolute } from './datatypes.ts';
import type { ProseRule, Ruling } from './prose-rule.ts';

const ONCE = new Set(['self', 'first', 'prev', 'previous', 'next', 'last']);
/** Their entries may stand for resources that have no identity yet. */
const UNNAMED: ReadonlySet<unknown> = new Set([
  ...['transaction', 'batch', 'transaction-response', 'batch-response'],
]);

/** http://hl7.org/fhir/R4/bundle.html */
export const checkBundle: ProseRule = (bundle, ruling) => {
  const { report } = ruling;
  const relations = new Set<unknown>();
  objectsOf(bundle['link']).forEach(({ relation }, index) => {
    if (relations.has(relation) && ONCE.has(String(relation))) {
      report('structure', `The link ${String(relation)} can be there once only`, `.link[${index}]`);
    }
    relations.add(relation);
  });
  objectsOf(bundle['entry']).forEach((entry, index) => {
    checkIdentity(entry, bundle['type'], { ...ruling, at: `.entry[${index}]` });
    if (bundle['type'] === 'searchset') {
      checkMatch(entry, typesSearched(bundle), { ...ruling, at: `.entry[${index}]` });
    }
  });
};

interface EntryRuling extends Ruling {
  readonly at: string;
}

/** http://hl7.org/fhir/R4/bundle.html#bundle-unique */
function checkIdentity(
  { fullUrl, resource }: Json,
  type: unknown,
  { at, report }: EntryRuling,
): void {
  const [target] = objectsOf(resource);
  if (target === undefined) return;
  if (typeof fullUrl !== 'string') {
    if (!UNNAMED.has(type)) report('required', 'An entry has a fullUrl', `${at}.fullUrl`);
    return;
  }
  if (!isAbsolute(fullUrl)) {
    report('value', 'fullUrl is an absolute URL', `${at}.fullUrl`);
    return;
  }
  if (UNNAMED.has(type)) return;
  const parsed = parseReference(fullUrl);
  if (parsed?.kind !== 'absolute' || parsed.type === undefined) return;
  const end = `/${String(target['resourceType'])}/${String(target['id'])}`;
  if (!fullUrl.split('/_history/')[0]?.endsWith(end)) {
    report('value', `The fullUrl of this resource ends with ${end}`, `${at}.fullUrl`);
  }
}

/** http://hl7.org/fhir/R4/search.html#modes */
function checkMatch(
  { resource, search }: Json,
  types: readonly string[],
  { at, report }: EntryRuling,
): void {
  const [target] = objectsOf(resource);
  const type = target?.['resourceType'];
  const mode = objectsOf(search)[0]?.['mode'];
  if (target === undefined || typeof type !== 'string') return;
  if (mode === 'outcome') {
    if (type !== 'OperationOutcome') {
      report('structure', 'Such an entry is an OperationOutcome', `${at}.resource`);
    }
    return;
  }
  if (target['id'] === undefined && type !== 'OperationOutcome') {
    report('required', 'What was found has an id', `${at}.resource`);
  }
  if (mode === 'match' && types.length > 0 && !types.includes(type)) {
    report('structure', `The search was for ${types.join(', ')}`, `${at}.resource`);
  }
}

/** The types that a search was for by its own link; empty where that does not tell. */
function typesSearched(bundle: Json): readonly string[] {
  const self = objectsOf(bundle['link']).find(({ relation }) => relation === 'self');
  const url = self?.['url'];
  if (typeof url !== 'string') return [];
  const [path = '', query = ''] = url.split('?');
  const named = new URLSearchParams(query).get('_type');
  if (named !== null) return named.split(',');
  const last = path.split('/').at(-1) ?? '';
  return /^[A-Z][A-Za-z]+$/.test(last) ? [last] : [];
}
