import type { Definitions } from '../definitions.ts';
import type { Issue } from '../errors.ts';
import { createInvariants } from '../invariants/invariants.ts';
import { checkAgainst } from '../profile/check-claims.ts';
import { isObject, rootItem } from '../profile/item.ts';
import type { Profiles } from '../profile/profiles.ts';
import { resolverOf } from '../profile/resolve.ts';
import { resourceTypes } from '../resource-types.ts';
import { createTypeModels } from '../type-model.ts';
import { Findings } from './findings.ts';
import { Walk } from './walk.ts';

export interface Validator {
  /**
   * Checks parsed JSON against base R4: known elements, cardinality, JSON types, primitive values, choices,
   * required bindings and invariants. Empty when valid; at most 50 errors, each with the FHIRPath of its element.
   */
  readonly validate: (resource: unknown) => Issue[];
  /** The same checks with the warnings that they give. */
  readonly assess: (resource: unknown) => Issue[];
  /**
   * Checks all that can be checked, with warnings: among them references to a type that the element does not allow, which
   * occur in R4's own examples, so that refusing them would refuse data that other servers accept.
   *
   * @param against canonical URLs of profiles to check besides those that the resource claims
   */
  readonly review: (resource: unknown, against?: readonly string[]) => Issue[];
}

/**
 * @param profiles what else is known to hold: profiles that a resource claims to meet, and extensions
 * @param decisive what is wrong with the literals of References that decide whose data a resource is, by these
 */
export function createValidator(
  definitions: Definitions,
  profiles?: Profiles,
  decisive: (resource: object) => ReadonlyMap<object, string> = () => new Map(),
): Validator {
  const models = profiles?.models ?? createTypeModels(definitions);
  const concrete = resourceTypes(definitions);
  const known = { definitions, models, concrete, profiles };
  const holds = profiles?.holds ?? createInvariants(models);
  const terminology = profiles?.terminology;

  const judge = (
    resource: unknown,
    { thorough, against }: { readonly thorough: boolean; readonly against: readonly string[] },
  ): Issue[] => {
    const found = new Findings();
    const put = (issue: Issue): void => found.put(issue);
    const type = isObject(resource) ? resource['resourceType'] : undefined;
    const name = typeof type === 'string' && concrete.has(type) ? type : 'Resource';
    const resolve = isObject(resource) ? resolverOf(resource) : () => undefined;
    const undecided = undecidedOf(resource, decisive);
    const judging = { thorough, holds, terminology, undecided, resolve, put };
    new Walk(known, judging).resource(resource, name);
    if (profiles !== undefined && isObject(resource) && typeof type === 'string') {
      const standing = { around: { resource, root: resource }, resolve, report: put };
      for (const url of against) {
        checkAgainst(profiles, rootItem(resource, type), { url, standing, at: type, asked: true });
      }
    }
    return found.issues;
  };
  const assess = (resource: unknown): Issue[] => judge(resource, { thorough: false, against: [] });
  return {
    validate: (resource) => assess(resource).filter(({ severity }) => severity === 'error'),
    assess,
    review: (resource, against = []) => judge(resource, { thorough: true, against }),
  };
}

/** Tells what is wrong with a Reference of the resource that is decisive; this is found when the first one is met. */
function undecidedOf(
  resource: unknown,
  decisive: (resource: object) => ReadonlyMap<object, string>,
): (reference: object) => string | undefined {
  let known: ReadonlyMap<object, string> | undefined;
  return (reference) =>
    isObject(resource) ? (known ??= decisive(resource)).get(reference) : undefined;
}
