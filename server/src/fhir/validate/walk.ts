import { printable } from '../printable.ts';
import { isObject } from '../profile/item.ts';
import type { Json } from '../rule.ts';
import type { Property, TypeModel } from '../type-model.ts';
import { checkElement } from './check-element.ts';
import { checkPresence } from './check-presence.ts';
import { checkTwin } from './check-twin.ts';
import { checkConstraints, checkProse } from './element-rules.ts';
import type { Judging } from './element-rules.ts';
import type { Knowledge } from './knowledge.ts';
import { inside } from './position.ts';
import type { Position } from './position.ts';
import { jsonKind, primitiveFault } from './primitives.ts';
import { checkKnownExtension, checkProfiles } from './profile-rules.ts';

const DEEPEST = 64;
const CONTAINED = /\.contained\[\d+\]$/;

/** One walk through a resource, element by element in the order of its members: each method is one rule. */
export class Walk {
  readonly #known: Knowledge;
  readonly #judging: Judging;
  /** Counts the faults of form that were met so far. */
  #faults = 0;

  constructor(known: Knowledge, judging: Judging) {
    this.#known = known;
    this.#judging = judging;
  }

  /** A resource on its own, contained in another, or in an entry of a Bundle. */
  resource(value: unknown, path: string, within?: Position): void {
    if (!isObject(value)) {
      this.#report(path, 'structure', `Expected an object, found ${jsonKind(value)}`);
      return;
    }
    const type = value['resourceType'];
    if (typeof type !== 'string' || !this.#known.concrete.has(type)) {
      this.#report(path, 'structure', 'resourceType must name an R4 resource type');
      return;
    }
    const model = this.#known.models.get(type);
    if (!model) return;
    // A contained resource shares the references of its container; an entry of a Bundle stands for itself.
    const root = path.endsWith(']') && CONTAINED.test(path) ? within?.around.root : undefined;
    const around = { resource: value, root: root ?? value };
    const place = { element: type, type };
    const at = { around, depth: (within?.depth ?? 0) + 1, place };
    const before = this.#faults;
    this.#complex(model, value, path || type, at);
    const sound = this.#faults === before;
    checkProfiles(this.#known.profiles, this.#judging, { value, path: path || type, at, sound });
  }

  /** An object with the members of its type. */
  #complex(model: TypeModel, value: Json, path: string, at: Position): void {
    if (at.depth > DEEPEST) {
      this.#report(path, 'structure', 'Nested too deeply');
      return;
    }
    this.#members(model, value, path, at);
    checkPresence(model, value, { path, report: this.#report });
    const { around } = at;
    const { name: type, constraints } = model;
    checkConstraints(this.#judging, constraints, { type, value, path, around });
    checkProse(this.#judging, model, value, { path, around });
  }

  /** Each member is known; R4's ele-1: an object says something, and an id alone says nothing. */
  #members(model: TypeModel, value: Json, path: string, at: Position): void {
    const isResource = model.kind === 'resource';
    let empty = true;
    let bare = at.valued !== true;
    for (const key of Object.keys(value)) {
      if (key === 'resourceType' && isResource) continue;
      empty = false;
      if (key !== 'id') bare = false;
      const property = model.properties.get(key);
      if (property) this.#property(property, value, `${path}.${key}`, at);
      else this.#twin(model, key, { value, path, at });
    }
    if (isResource) return;
    if (empty) this.#report(path, 'structure', 'An object must not be empty');
    else if (bare) this.#report(path, 'invariant', 'An element has more than an id (ele-1)');
  }

  /** Checks that what repeats is an array and anything else is none, and each value. */
  #property(property: Property, parent: Json, path: string, at: Position): void {
    const value = parent[property.name];
    if (property.many) {
      if (!Array.isArray(value)) {
        this.#report(path, 'structure', `Expected an array, found ${jsonKind(value)}`);
        return;
      }
      this.#items(property, { values: value, twins: parent[`_${property.name}`] }, path, at);
      return;
    }
    if (Array.isArray(value)) {
      this.#report(path, 'structure', 'Expected a single value, found an array');
      return;
    }
    if (property.element.max === 0) {
      this.#report(path, 'structure', 'The element is not allowed here');
      return;
    }
    this.#value(property, value, path, at);
  }

  /** Checks that a repeating element has values, and not too many. A primitive may be null where it has extensions. */
  #items(
    property: Property,
    { values, twins }: { readonly values: readonly unknown[]; readonly twins: unknown },
    path: string,
    at: Position,
  ): void {
    if (values.length === 0) {
      this.#report(path, 'structure', 'An array must not be empty');
      return;
    }
    const { max } = property.element;
    if (typeof max === 'number' && values.length > max) {
      this.#report(path, 'structure', `At most ${max} are allowed`);
    }
    values.forEach((item, index) => {
      const extended = Array.isArray(twins) && isObject(twins[index]);
      if (item !== null || property.kind !== 'primitive' || !extended) {
        this.#value(property, item, `${path}[${index}]`, at);
      }
    });
  }

  /** One value of an element: its form, and what the element's definition says of it. */
  #value(property: Property, value: unknown, path: string, at: Position): void {
    if (!this.#form(property, value, path, at)) return;
    checkElement(this.#known, this.#judging, property, { value, path, around: at.around });
  }

  /** False when the value has not the form of its type, so that nothing more can be said of it. */
  #form(property: Property, value: unknown, path: string, at: Position): boolean {
    if (property.kind === 'resource') {
      this.resource(value, path, at);
      return true;
    }
    if (property.kind === 'primitive') {
      const fault = primitiveFault(property.type, value);
      if (fault !== undefined) this.#report(path, 'value', fault);
      return fault === undefined;
    }
    if (!isObject(value)) {
      this.#report(path, 'structure', `Expected an object, found ${jsonKind(value)}`);
      return false;
    }
    const model = this.#known.models.get(property.type);
    if (model) this.#complex(model, value, path, inside(at, property, value));
    if (property.type === 'Extension') {
      checkKnownExtension(this.#known.profiles, this.#judging, { value, path, at });
    }
    return true;
  }

  /** A member that is no property: `_birthDate` beside a primitive, or nothing that R4 has. */
  #twin(
    model: TypeModel,
    key: string,
    { value, path, at }: { readonly value: Json; readonly path: string; readonly at: Position },
  ): void {
    const property = key.startsWith('_') ? model.properties.get(key.slice(1)) : undefined;
    const element = this.#known.models.get('Element');
    if (property?.kind !== 'primitive' || !element) {
      this.#report(`${path}.${printable(key)}`, 'structure', 'R4 has no such element here');
      return;
    }
    checkTwin(property, value, `${path}.${property.name}`, {
      report: this.#report,
      check: (twin, where, valued) => {
        const position = inside(at, property, twin);
        this.#complex(element, twin, where, valued ? { ...position, valued: true } : position);
      },
    });
  }

  readonly #report = (path: string, code: string, fault: string): void => {
    this.#faults += 1;
    const diagnostics = `${path}: ${fault}`;
    this.#judging.put({ severity: 'error', code, diagnostics, expression: [path] });
  };
}
