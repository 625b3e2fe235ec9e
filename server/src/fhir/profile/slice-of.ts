import { membershipOf } from './check-binding.ts';
import { targetOf, typeNamed, typeOf } from './check-target.ts';
import { isObject, itemsOf } from './item.ts';
import type { Item } from './item.ts';
import type { Discriminator, Slice, ValueTest } from './profile-model.ts';
import { fits, isSame } from './same-value.ts';
import type { Scene } from './scene.ts';

/**
 * Tells whether an item is one of a slice: http://hl7.org/fhir/R4/profiling.html#discriminator
 *
 * @rule slicing
 */
export function belongsTo(item: Item, slice: Slice, scene: Scene): boolean {
  if (slice.discriminators === undefined) {
    const { url, type, title, contexts } = scene.profile;
    const part = { url: `${url}#${slice.name}`, type, title, contexts, root: slice.rule };
    return scene.meets(item, part, scene);
  }
  return slice.discriminators.every((discriminator) => meetsOne(item, discriminator, scene));
}

function meetsOne(item: Item, { path, expects }: Discriminator, scene: Scene): boolean {
  if (expects.kind === 'profile') return meetsProfile(item, path, expects.profiles, scene);
  const found = along([item], path, scene);
  switch (expects.kind) {
    case 'exists':
      return found.length > 0 === expects.present;
    case 'type':
      return found.length > 0 && found.every(({ type }) => isOf(type, expects.types));
    case 'value':
      return found.some((one) => passes(one, expects.test, scene));
  }
}

function isOf(type: string, types: ReadonlySet<string>): boolean {
  // Anything that nests in a resource is published as a BackboneElement.
  return (
    types.has(type) || types.has('Resource') || (type.includes('.') && types.has('BackboneElement'))
  );
}

function meetsProfile(
  item: Item,
  path: readonly string[],
  profiles: readonly string[],
  scene: Scene,
): boolean {
  if (path.at(-1) !== 'resolve()') {
    return along([item], path, scene).some((one) => meetsAny(one, profiles, scene));
  }
  return along([item], path.slice(0, -1), scene).some((reference) => {
    const target = targetOf(reference, scene);
    if (target !== undefined) return meetsAny(target, profiles, scene);
    // A target that is not at hand can be judged by its type only.
    const type = typeNamed(reference);
    return type !== undefined && profiles.some((url) => typeOf(url, scene) === type);
  });
}

function meetsAny(item: Item, profiles: readonly string[], scene: Scene): boolean {
  return profiles.some((url) => {
    if (typeOf(url, scene) !== item.type) return false;
    const profile = scene.find(url);
    return profile === undefined || scene.meets(item, profile, scene);
  });
}

function along(items: readonly Item[], path: readonly string[], scene: Scene): readonly Item[] {
  let found = items;
  for (const step of path) found = found.flatMap((item) => next(item, step, scene));
  return found;
}

function next(item: Item, step: string, scene: Scene): readonly Item[] {
  if (step === 'resolve()') return [targetOf(item, scene) ?? []].flat();
  const type = /^ofType\((\w+)\)$/.exec(step)?.[1];
  if (type !== undefined) return item.type === type ? [item] : [];
  const url = /^extension\(['"](.*)['"]\)$/.exec(step)?.[1];
  if (url === undefined) return itemsOf(scene.models, item, step);
  return itemsOf(scene.models, item, 'extension').filter(
    ({ value }) => isObject(value) && value['url'] === url,
  );
}

function passes(item: Item, test: ValueTest, scene: Scene): boolean {
  if (test.value !== undefined) {
    const same = test.value.kind === 'fixed' ? isSame : fits;
    return same(item.value, test.value.value);
  }
  if (test.binding !== undefined) {
    return membershipOf(item, test.binding, scene.codes) === 'in';
  }
  return test.inner.every(([name, inner]) =>
    itemsOf(scene.models, item, name).some((one) => passes(one, inner, scene)),
  );
}
