import { isObject } from '../profile/item.ts';
import type { Json } from '../rule.ts';
import type { Property } from '../type-model.ts';
import { jsonKind } from './primitives.ts';

interface Hearers {
  readonly report: (path: string, code: string, fault: string) => void;
  /** @param valued the primitive has a value, too */
  readonly check: (twin: Json, path: string, valued: boolean) => void;
}

/** `_birthDate` and the like: id and extensions of a primitive (http://hl7.org/fhir/R4/json.html#primitive). */
export function checkTwin(
  { name, many }: Property,
  parent: Json,
  path: string,
  { report, check }: Hearers,
): void {
  const twin = parent[`_${name}`];
  if (Array.isArray(twin) !== many) {
    report(path, 'structure', `_${name} must ${many ? '' : 'not '}be an array`);
    return;
  }
  const one = (item: unknown, at: string, value: unknown): void =>
    isObject(item)
      ? check(item, at, value !== undefined && value !== null)
      : report(at, 'structure', `Expected an object, found ${jsonKind(item)}`);
  if (!Array.isArray(twin)) {
    one(twin, path, parent[name]);
    return;
  }
  if (twin.every((item) => item === null)) {
    report(path, 'structure', 'An array must not be empty');
    return;
  }
  const values = parent[name];
  const beside: readonly unknown[] = Array.isArray(values) ? values : [];
  twin.forEach((item: unknown, index) => {
    if (item !== null) one(item, `${path}[${index}]`, beside[index]);
  });
}
