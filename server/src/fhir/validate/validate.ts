import type { Definitions } from '../definitions.ts';
import type { Issue } from '../errors.ts';
import { checkConstraints, checkProse } from './element-rules.ts';
import type { Judging } from './element-rules.ts';
import { Findings } from './findings.ts';
import { createInvariants } from '../invariants/invariants.ts';
import type { Json, Surroundings } from '../rule.ts';
import { printable } from '../printable.ts';
import { checkAgainst, checkClaims } from '../profile/check-claims.ts';
import { checkDefinition } from '../profile/check-definition.ts';
import { checkExtension } from '../profile/check-extension.ts';
import type { Place } from '../profile/check-extension.ts';
import { rootItem } from '../profile/item.ts';
import type { Profiles } from '../profile/profiles.ts';
import { resolverOf } from '../profile/resolve.ts';
import type { Resolve } from '../profile/resolve.ts';
import { jsonKind, primitiveFault } from './primitives.ts';
import { checkPresence } from './check-presence.ts';
import { checkCanonical, checkReference } from './check-reference.ts';
import { bindingFault } from './value-rules.ts';
import { resourceTypes } from '../resource-types.ts';
import { createTypeModels } from '../type-model.ts';
import type { Property, TypeModel } from '../type-model.ts';

export interface Validator {
  /**
   * Checks parsed JSON against base R4: known elements, cardinality, JSON types, primitive values, choices,
   * required bindings and invariants. Empty when valid; at most 50 errors, each with the FHIRPath of its element.
   */
  readonly validate: (resource: unknown) => Issue[];
  /** The same checks with the warnings that they give. */
  readonly assess: (resource: unknown) => Issue[];
  /**
   * All that can be checked, with warnings: among them references to a type that the element does not allow, which occur in R4's own
   * examples, so that refusing them would refuse data that other servers accept.
   *
   * @param against canonical URLs of profiles to check besides those that the resource claims
   */
  readonly review: (resource: unknown, against?: readonly string[]) => Issue[];
}

const DEEPEST = 64;

interface Walk {
  readonly around: Surroundings;
  readonly depth: number;
  /** The element whose members are walked. */
  readonly place: Place;
  /** Id and extensions of a primitive that has a value. */
  readonly valued?: true;
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
  let judging: Judging = {
    thorough: false,
    holds: profiles?.holds ?? createInvariants(models),
    terminology: profiles?.terminology,
    undecided: () => undefined,
    put: () => undefined,
  };
  let resolve: Resolve = () => undefined;

  const put = (issue: Issue): void => judging.put(issue);
  const add = (
    severity: Issue['severity'],
    code: string,
    { path, fault }: { path: string; fault: string },
  ): void => put({ severity, code, diagnostics: `${path}: ${fault}`, expression: [path] });
  const report = (path: string, code: string, fault: string): void =>
    add('error', code, { path, fault });

  const checkResource = (value: unknown, path: string, within: Walk | undefined): void => {
    if (!isObject(value)) {
      report(path, 'structure', `Expected an object, found ${jsonKind(value)}`);
      return;
    }
    const type = value['resourceType'];
    if (typeof type !== 'string' || !concrete.has(type)) {
      report(path, 'structure', 'resourceType must name an R4 resource type');
      return;
    }
    const model = models.get(type);
    if (!model) return;
    // A contained resource shares the references of its container; an entry of a Bundle stands for itself.
    const root =
      path.endsWith(']') && /\.contained\[\d+\]$/.test(path) ? within?.around.root : undefined;
    const around = { resource: value, root: root ?? value };
    const place = { element: type, type };
    checkComplex(model, value, path || type, { around, depth: (within?.depth ?? 0) + 1, place });
    if (profiles === undefined) return;
    const standing = { around, resolve, report: put };
    const item = rootItem(value, path || type);
    checkClaims(profiles, item, standing);
    if (judging.thorough && type === 'StructureDefinition') {
      checkDefinition(item, profiles.structure, standing);
    }
  };

  const checkComplex = (model: TypeModel, value: Json, path: string, walk: Walk): void => {
    if (walk.depth > DEEPEST) {
      report(path, 'structure', 'Nested too deeply');
      return;
    }
    let empty = true;
    // R4's ele-1: an id alone says nothing.
    let bare = walk.valued !== true;
    for (const key of Object.keys(value)) {
      if (key === 'resourceType' && model.kind === 'resource') continue;
      empty = false;
      if (key !== 'id') bare = false;
      const property = model.properties.get(key);
      if (property) checkProperty(property, value, path, walk);
      else checkTwin(model, key, { value, path, walk });
    }
    if (model.kind !== 'resource' && (empty || bare)) {
      const fault = empty
        ? 'An object must not be empty'
        : 'An element has more than an id (ele-1)';
      report(path, empty ? 'structure' : 'invariant', fault);
    }
    checkPresence(model, value, { path, report });
    const { around } = walk;
    checkConstraints(judging, model.constraints, { type: model.name, value, path, around });
    checkProse(judging, model, value, { path, around });
  };

  const checkProperty = (property: Property, parent: Json, path: string, walk: Walk): void => {
    const value = parent[property.name];
    const at = `${path}.${property.name}`;
    if (!property.many) {
      if (Array.isArray(value)) {
        report(at, 'structure', 'Expected a single value, found an array');
        return;
      }
      if (property.element.max === 0) {
        report(at, 'structure', 'The element is not allowed here');
        return;
      }
      checkValue(property, value, at, walk);
      return;
    }
    if (!Array.isArray(value)) {
      report(at, 'structure', `Expected an array, found ${jsonKind(value)}`);
      return;
    }
    if (value.length === 0) {
      report(at, 'structure', 'An array must not be empty');
      return;
    }
    const { max } = property.element;
    if (typeof max === 'number' && value.length > max)
      report(at, 'structure', `At most ${max} are allowed`);
    value.forEach((item: unknown, index) => {
      const twin = parent[`_${property.name}`];
      const extended = Array.isArray(twin) && isObject(twin[index]);
      if (item !== null || property.kind !== 'primitive' || !extended) {
        checkValue(property, item, `${at}[${index}]`, walk);
      }
    });
  };

  const checkValue = (property: Property, value: unknown, path: string, walk: Walk): void => {
    if (property.kind === 'primitive') {
      const fault = primitiveFault(property.type, value);
      if (fault !== undefined) {
        report(path, 'value', fault);
        return;
      }
    } else if (property.kind === 'resource') {
      checkResource(value, path, walk);
    } else {
      if (!isObject(value)) {
        report(path, 'structure', `Expected an object, found ${jsonKind(value)}`);
        return;
      }
      const model = models.get(property.type);
      if (model) checkComplex(model, value, path, inner(walk, property, value));
      if (property.type === 'Extension' && profiles) {
        const item = { type: 'Extension', isResource: false, value, twin: undefined, path };
        const { thorough } = judging;
        const standing = { around: walk.around, resolve, report: put, thorough };
        checkExtension(profiles, item, { place: walk.place, standing });
      }
    }
    const { binding, targets, constraints } = property.element;
    if (binding !== undefined) {
      const fault = bindingFault(definitions, binding, { type: property.type, value });
      if (fault !== undefined) report(path, 'code-invalid', fault);
    }
    if (property.type === 'Reference') {
      const { around } = walk;
      checkReference(judging, value as Json, { targets, path, around, resolve, concrete });
    }
    if (property.type === 'canonical') checkCanonical(judging, value, path);
    const own = constraints?.filter(
      ({ key }) => !(property.type === 'Extension' && key === 'ext-1'),
    );
    if (own) {
      const { around } = walk;
      checkConstraints(judging, own, { type: property.type, value, path, around });
    }
  };

  /** `_birthDate` and the like: id and extensions of a primitive. */
  const checkTwin = (
    model: TypeModel,
    key: string,
    { value, path, walk }: { readonly value: Json; readonly path: string; readonly walk: Walk },
  ): void => {
    const property = key.startsWith('_') ? model.properties.get(key.slice(1)) : undefined;
    const element = models.get('Element');
    if (property?.kind !== 'primitive' || !element) {
      report(`${path}.${printable(key)}`, 'structure', 'R4 has no such element here');
      return;
    }
    const twin = value[key];
    const at = `${path}.${property.name}`;
    if (Array.isArray(twin) !== property.many) {
      report(at, 'structure', `_${property.name} must ${property.many ? '' : 'not '}be an array`);
      return;
    }
    const one = (item: unknown, where: string, plain: unknown): void =>
      isObject(item)
        ? checkComplex(element, item, where, {
            ...inner(walk, property, item),
            ...(plain === undefined || plain === null ? {} : { valued: true }),
          })
        : report(where, 'structure', `Expected an object, found ${jsonKind(item)}`);
    if (!Array.isArray(twin)) {
      one(twin, at, value[property.name]);
      return;
    }
    if (twin.every((item) => item === null)) {
      report(at, 'structure', 'An array must not be empty');
      return;
    }
    const values = value[property.name];
    const plain: readonly unknown[] = Array.isArray(values) ? values : [];
    twin.forEach((item: unknown, index) => {
      if (item !== null) one(item, `${at}[${index}]`, plain[index]);
    });
  };

  const judge = (
    resource: unknown,
    { thorough, against }: { readonly thorough: boolean; readonly against: readonly string[] },
  ): Issue[] => {
    const found = new Findings();
    let known: ReadonlyMap<object, string> | undefined;
    const undecided = (reference: object): string | undefined =>
      isObject(resource) ? (known ??= decisive(resource)).get(reference) : undefined;
    judging = { ...judging, thorough, undecided, put: (issue) => found.put(issue) };
    resolve = isObject(resource) ? resolverOf(resource) : () => undefined;
    const type = isObject(resource) ? resource['resourceType'] : undefined;
    checkResource(
      resource,
      typeof type === 'string' && concrete.has(type) ? type : 'Resource',
      undefined,
    );
    if (profiles !== undefined && isObject(resource) && typeof type === 'string') {
      const around = { resource, root: resource };
      const standing = { around, resolve, report: put };
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

/** What stands in an element of this property. */
function inner(walk: Walk, { owner, element, type }: Property, value: Json): Walk {
  const { url } = type === 'Extension' ? value : {};
  const place = {
    element: `${owner}.${element.name}`,
    type,
    ...(typeof url === 'string' ? { url } : {}),
  };
  return { around: walk.around, depth: walk.depth + 1, place };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
