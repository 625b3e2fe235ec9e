import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../../fhir/errors.ts';
import type { R4 } from '../../r4/r4.ts';
import { noteOf, promisesEffect } from '../../fhir/without-effect.ts';

/**
 * Returns all that is to be said of a resource: errors, for which a write is refused, and what is strange in it and yet
 * taken. Any JSON that calls itself a resource may be asked about.
 *
 * @param against canonical URLs of profiles, besides those that it claims: everything is checked then, as `$validate` does;
 *   absent: what a write checks
 */
export function issuesOf(r4: R4, resource: Resource, against?: readonly string[]): Issue[] {
  const validity = against === undefined ? r4.assess(resource) : r4.review(resource, against);
  const found = [...validity, ...promisesEffect(resource)];
  // A definition that is no valid resource of its type defines nothing, and is not kept either.
  if (found.some(isError)) return found;
  return [...r4.reviewSearch(resource), ...found, ...noteOf(resource.resourceType)];
}

/** Tells whether a resource is refused for it. */
export function isError({ severity }: Issue): boolean {
  return severity === 'error' || severity === 'fatal';
}
