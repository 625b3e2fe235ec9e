import type { Document } from 'mongodb';
import type { SortKey, SortTarget, SortValue } from '../../search/query.ts';
import { entryKey, entryKeys } from './entries.ts';
import { toMatch } from './filter.ts';
import type { Source } from './sources.ts';

/** Fields every resource has: their index gives the order, and none is missing. */
const OWN_FIELDS: Readonly<Record<string, string>> = { _id: 'id', _lastUpdated: 'lastUpdated' };

/** The field that a key is sorted by where every resource has it. */
export function ownField({ param, through }: SortValue): string | undefined {
  return through === undefined ? OWN_FIELDS[param] : undefined;
}

/** Stages that put the value of sort key `i` into the field `k<i>`, null where there is none. */
export function keyStages(
  key: SortKey,
  i: number,
  of: { readonly types: readonly string[]; readonly sources: readonly Source[] },
): Document[] {
  const pick = key.descending ? '$max' : '$min';
  return valueStages(key, `k${i}`, { ...of, pick });
}

interface Setting {
  /** That a document may be of: its entries bear the names of its own. */
  readonly types: readonly string[];
  readonly sources: readonly Source[];
  readonly pick: '$min' | '$max';
}

function valueStages(value: SortValue, field: string, setting: Setting): Document[] {
  if (value.through) return throughStages(value.param, value.through, field, setting);
  const own = OWN_FIELDS[value.param];
  if (own !== undefined) return [{ $set: { [field]: `$${own}` } }];
  // Least or greatest entry of the parameter: see sortValue in search/compare.ts.
  const names = {
    $literal: setting.types.flatMap((type) => entryKeys(type, value.param)),
  };
  const of = (list: '$e' | '$r', part: '$$this.v' | '$$this.l') => ({
    $map: { input: { $filter: { input: list, cond: { $in: ['$$this.p', names] } } }, in: part },
  });
  const all = { $concatArrays: [of('$e', '$$this.v'), of('$r', '$$this.l')] };
  return [{ $set: { [field]: { [setting.pick]: all } } }];
}

/** The value of what the resource refers to, as far as it may be looked at. */
function throughStages(
  param: string,
  targets: readonly SortTarget[],
  field: string,
  setting: Setting,
): Document[] {
  const { types, sources, pick } = setting;
  const names = { $literal: types.map((type) => entryKey(type, 'reference', param)) };
  const references = {
    $map: {
      input: { $filter: { input: '$e', cond: { $in: ['$$this.p', names] } } },
      in: '$$this.v',
    },
  };
  const lookups = targets.flatMap((target, t) =>
    sources.map((source, s) => ({
      $lookup: {
        from: source.collection.collectionName,
        localField: `${field}t`,
        foreignField: source.name,
        pipeline: [
          { $match: { type: { $eq: target.type }, ...source.shown } },
          { $match: toMatch(target.within, target.type, { link: noLink, name: source.name }) },
          ...valueStages(target.value, 'v', { ...setting, types: [target.type] }),
          { $project: { _id: 0, v: 1 } },
        ],
        as: `${field}t${t}s${s}`,
      },
    })),
  );
  const found = lookups.map(({ $lookup }) => `$${$lookup.as}.v`);
  return [
    { $set: { [`${field}t`]: references } },
    ...lookups,
    { $set: { [field]: { [pick]: { $concatArrays: found } } } },
    { $unset: [`${field}t`, ...lookups.map(({ $lookup }) => $lookup.as)] },
  ];
}

function noLink(): never {
  throw new RangeError('What a sort key leads to cannot be limited by a link');
}
