import { objectsOf } from '../rule.ts';
import type { Json, Rule } from '../rule.ts';

/** Rules that compare the items of long lists with one another, in linear time. */
export const UNIQUENESS_RULES: readonly (readonly [string, Rule])[] = [
  ['bdl-7', (bundle) => bundle['type'] === 'history' || isDistinct(fullUrls(bundle))],
  ['csd-1', (codes) => isDistinct(nested(codes['concept'], 'concept', 'code'))],
  ['que-2', (form) => isDistinct(nested(form['item'], 'item', 'linkId'))],
  ['cpb-7', (statement) => isDistinct(texts(statement['document'], 'profile', 'mode'))],
  ['cpb-9', (rest) => isDistinct(texts(rest['resource'], 'type'))],
  ['cpb-12', (resource) => isDistinct(texts(resource['searchParam'], 'name'))],
  ['nsd-2', (naming) => isDistinct(texts(preferred(naming['uniqueId']), 'type'))],
  ['eld-13', (element) => isDistinct(texts(element['type'], 'code'))],
  ['eld-14', (element) => isDistinct(texts(element['constraint'], 'key'))],
  [
    'sdf-1',
    (profile) =>
      profile['derivation'] === 'constraint' ||
      isDistinct(texts(elements(profile['snapshot']), 'path')),
  ],
  ['sdf-16', (profile) => haveDistinctIds(elements(profile['snapshot']))],
  ['sdf-17', (profile) => haveDistinctIds(elements(profile['differential']))],
  ['sdf-8', (view, { resource }) => arePathsBelow(view, resource, true)],
  ['sdf-8a', (view, { resource }) => arePathsBelow(view, resource, false)],
  ['obs-7', (observation) => !hasValue(observation) || !repeatsItsCode(observation)],
];

function isDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

/** The members named, joined; items that have none of them are left out. */
function texts(list: unknown, ...names: readonly string[]): string[] {
  return objectsOf(list)
    .filter((item) => names.some((name) => item[name] !== undefined))
    .map((item) => JSON.stringify(names.map((name) => item[name])));
}

function nested(list: unknown, child: string, name: string): string[] {
  return objectsOf(list).flatMap((item) => [
    ...texts(item, name),
    ...nested(item[child], child, name),
  ]);
}

function fullUrls(bundle: Json): string[] {
  return objectsOf(bundle['entry'])
    .filter(({ fullUrl }) => fullUrl !== undefined)
    .map(({ fullUrl, resource }) => {
      const version = objectsOf(objectsOf(resource)[0]?.['meta'])[0]?.['versionId'];
      return JSON.stringify([fullUrl, version]);
    });
}

function preferred(list: unknown): readonly Json[] {
  return objectsOf(list).filter((item) => item['preferred'] === true);
}

function elements(view: unknown): readonly Json[] {
  return objectsOf(objectsOf(view)[0]?.['element']);
}

function haveDistinctIds(list: readonly Json[]): boolean {
  const ids = texts(list, 'id');
  return ids.length === list.length && isDistinct(ids);
}

/** The first path is the type (snapshots of other than logical models), the others lie below the first one's root. */
function arePathsBelow(view: Json, profile: Json, exact: boolean): boolean {
  const paths = elements(view).map(({ path }) => (typeof path === 'string' ? path : ''));
  const [first = '', ...rest] = paths;
  const type = typeof profile['type'] === 'string' ? profile['type'] : '';
  const starts = exact ? first === type : first.startsWith(type);
  if (profile['kind'] !== 'logical' && !starts) return false;
  const root = exact ? first : (first.split('.')[0] ?? '');
  return rest.every((path) => path.startsWith(`${root}.`));
}

function hasValue(observation: Json): boolean {
  return Object.keys(observation).some((key) => /^value[A-Z]/.test(key));
}

/** Tells whether a component has a coding of the observation itself. */
function repeatsItsCode(observation: Json): boolean {
  const codings = (element: Json): string[] =>
    objectsOf(element['code']).flatMap((code) =>
      objectsOf(code['coding']).map((coding) => canonical(coding)),
    );
  const own = new Set(codings(observation));
  return objectsOf(observation['component']).some((component) =>
    codings(component).some((coding) => own.has(coding)),
  );
}

/** Equal for equal codings whatever the order of their members. */
function canonical(coding: Json): string {
  return JSON.stringify(Object.entries(coding).sort(([a], [b]) => (a < b ? -1 : 1)));
}
