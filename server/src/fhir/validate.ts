import type { Constraint, Definitions } from './definitions.ts';
import type { Issue } from './errors.ts';
import { Findings } from './findings.ts';
import { holds } from './invariants.ts';
import type { Json, Surroundings } from './rule.ts';
import { printable } from './printable.ts';
import { checkAgainst, checkClaims } from './profile/check-claims.ts';
import { checkExtension } from './profile/check-extension.ts';
import type { Place } from './profile/check-extension.ts';
import { rootItem } from './profile/item.ts';
import type { Profiles } from './profile/profiles.ts';
import { resolverOf } from './profile/resolve.ts';
import type { Resolve } from './profile/resolve.ts';
import { jsonKind, primitiveFault } from './primitives.ts';
import { bindingFault, literalFault, targetFault } from './value-rules.ts';
import { resourceTypes } from './resource-types.ts';
import { createTypeModels } from './type-model.ts';
import type { Property, TypeModel } from './type-model.ts';

export interface Validator {
  /**
   * Checks parsed JSON against base R4: known elements, cardinality, JSON types, primitive values, choices,
   * required bindings and invariants. Empty when valid; at most 50 errors, each with the FHIRPath of its element.
   */
  readonly validate: (resource: unknown) => Issue[];
  /**
   * The same with warnings: among them references to a type that the element does not allow, which occur in R4's own
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
}

/** @param profiles what else is known to hold: profiles that a resource claims to meet, and extensions */
export function createValidator(definitions: Definitions, profiles?: Profiles): Validator {
  const models = profiles?.models ?? createTypeModels(definitions);
  const concrete = resourceTypes(definitions);
  let found = new Findings();
  let thorough = false;
  let resolve: Resolve = () => undefined;

  const put = (issue: Issue): void => found.put(issue);
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
    checkClaims(profiles, rootItem(value, path || type), standing);
  };

  const checkComplex = (model: TypeModel, value: Json, path: string, walk: Walk): void => {
    if (walk.depth > DEEPEST) {
      report(path, 'structure', 'Nested too deeply');
      return;
    }
    let empty = true;
    for (const key of Object.keys(value)) {
      if (key === 'resourceType' && model.kind === 'resource') continue;
      empty = false;
      const property = model.properties.get(key);
      if (property) checkProperty(property, value, path, walk);
      else checkTwin(model, key, { value, path, walk });
    }
    if (empty && model.kind !== 'resource')
      report(path, 'structure', 'An object must not be empty');
    checkPresence(model, value, path);
    checkConstraints(model.constraints, { type: model.name, value }, path, walk);
  };

  const checkConstraints = (
    constraints: readonly Constraint[],
    element: { readonly type: string; readonly value: unknown },
    path: string,
    walk: Walk,
  ): void => {
    for (const constraint of constraints) {
      if (constraint.warning === true && !thorough) continue;
      if (holds(constraint, element, walk.around)) continue;
      const severity = constraint.warning === true ? 'warning' : 'error';
      add(severity, 'invariant', { path, fault: `${constraint.human} (${constraint.key})` });
    }
  };

  const checkPresence = (model: TypeModel, value: Json, path: string): void => {
    for (const { definition, names } of model.required) {
      if (!names.some((name) => name in value || `_${name}` in value)) {
        report(`${path}.${definition.name}`, 'required', 'The element is required');
      }
    }
    for (const { definition, names } of model.choices) {
      const present = names.filter((name) => name in value || `_${name}` in value);
      if (present.length > 1) {
        report(
          `${path}.${definition.name}`,
          'structure',
          `Only one of ${present.join(', ')} is allowed`,
        );
      }
    }
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
        const standing = { around: walk.around, resolve, report: put };
        checkExtension(profiles, item, { place: walk.place, standing });
      }
    }
    const { binding, targets, constraints } = property.element;
    if (binding !== undefined) {
      const fault = bindingFault(definitions, binding, { type: property.type, value });
      if (fault !== undefined) report(path, 'code-invalid', fault);
    }
    if (property.type === 'Reference') checkReference(value as Json, targets, path);
    const own = constraints?.filter(
      ({ key }) => !(property.type === 'Extension' && key === 'ext-1'),
    );
    if (own) checkConstraints(own, { type: property.type, value }, path, walk);
  };

  const checkReference = (
    value: Json,
    targets: readonly string[] | undefined,
    path: string,
  ): void => {
    const at = `${path}.reference`;
    const fault = literalFault(value['reference'], (name) => concrete.has(name));
    if (fault !== undefined) {
      report(at, 'value', fault);
      return;
    }
    const target = targets && targetFault(targets, value);
    if (target !== undefined) add('warning', 'structure', { path: at, fault: target });
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
    const one = (item: unknown, where: string): void =>
      isObject(item)
        ? checkComplex(element, item, where, inner(walk, property, item))
        : report(where, 'structure', `Expected an object, found ${jsonKind(item)}`);
    if (!Array.isArray(twin)) {
      one(twin, at);
      return;
    }
    if (twin.every((item) => item === null)) {
      report(at, 'structure', 'An array must not be empty');
      return;
    }
    twin.forEach((item: unknown, index) => {
      if (item !== null) one(item, `${at}[${index}]`);
    });
  };

  const judge = (resource: unknown, against: readonly string[]): Issue[] => {
    found = new Findings();
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
  return {
    validate: (resource) => {
      thorough = false;
      return judge(resource, []).filter(({ severity }) => severity === 'error');
    },
    review: (resource, against = []) => {
      thorough = true;
      return judge(resource, against);
    },
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
