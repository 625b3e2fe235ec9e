import type { Coding, Meta } from 'fhir/r4.js';

/** An operation of JSON Patch: only what it names changes, every other byte stays. */
export type MetaEdit =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

const LISTS = ['profile', 'security', 'tag'] as const;
type List = (typeof LISTS)[number];

/** Returns what is missing of `wanted`: http://hl7.org/fhir/R4/resource-operation-meta-add.html */
export function additions(meta: Meta, wanted: Meta): MetaEdit[] {
  return LISTS.flatMap((list) => {
    const present = new Set(keysOf(meta, list));
    const missing = new Map<string, unknown>();
    for (const item of itemsOf(wanted, list)) {
      if (!present.has(keyOf(item))) missing.set(keyOf(item), item);
    }
    if (missing.size === 0) return [];
    const values = [...missing.values()];
    if (meta[list] === undefined) return [{ op: 'add', path: `/meta/${list}`, value: values }];
    return values.flatMap((value): MetaEdit[] => [
      { op: 'add', path: `/meta/${list}/-`, value },
      // The twin of a list of primitives has an item for each of them.
      ...(list === 'profile' && meta._profile !== undefined
        ? [{ op: 'add' as const, path: '/meta/_profile/-', value: null }]
        : []),
    ]);
  });
}

/** Returns what is there of `unwanted`: http://hl7.org/fhir/R4/resource-operation-meta-delete.html */
export function removals(meta: Meta, unwanted: Meta): MetaEdit[] {
  return LISTS.flatMap((list) => {
    const keys = new Set(keysOf(unwanted, list));
    const present = keysOf(meta, list);
    const found = [...present.keys()].filter((index) => keys.has(present[index] ?? ''));
    if (found.length === 0) return [];
    const paths = list === 'profile' && meta._profile !== undefined ? [list, '_profile'] : [list];
    if (found.length === present.length) return paths.map((name) => remove(name));
    // From the end, so that the places of the others stay.
    return found.toReversed().flatMap((index) => paths.map((name) => remove(`${name}/${index}`)));
  });
}

function remove(place: string): MetaEdit {
  return { op: 'remove', path: `/meta/${place}` };
}

function itemsOf(meta: Meta, list: List): readonly (string | Coding)[] {
  return meta[list] ?? [];
}

function keysOf(meta: Meta, list: List): readonly string[] {
  return itemsOf(meta, list).map(keyOf);
}

/** R4: the identity of a tag or label is its system and code. */
export function keyOf(item: string | Coding): string {
  return typeof item === 'string' ? item : `${item.system ?? ''}|${item.code ?? ''}`;
}
