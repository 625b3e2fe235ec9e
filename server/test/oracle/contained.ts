import { objects, text } from './official.ts';
import type { Json } from './official.ts';

const containers = new WeakMap<Json, Json>();

/** What a resource contains, each of which knows from now on where it lies. */
export function containedIn(resource: Json): readonly Json[] {
  const found = objects(resource['contained']).filter(
    (one) => text(one['resourceType']) !== undefined,
  );
  for (const one of found) containers.set(one, resource);
  return found;
}

/** The resource that a local reference (`#…`) in this one is about: its container, where it has one. */
export function outermost(resource: Json): Json {
  return containers.get(resource) ?? resource;
}
