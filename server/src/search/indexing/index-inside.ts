import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import { walkPath } from './element-path.ts';
import { object, text } from './json.ts';
import type { IndexEntry } from '../query.ts';
import type { SearchParameter } from '../registry.ts';

/** Says how deep contained resources are followed that refer to each other. */
const DEEPEST = 2;
const MOST_ENTRIES = 20_000;

/** One resource, and what has been found inside of it. */
export interface Container {
  readonly resource: unknown;
  readonly baseUrl: string;
  readonly contained: readonly unknown[];
  /** Says how many containers it lies in. */
  readonly depth: number;
  /** Entries that may still be made of what lies inside. */
  readonly budget: { left: number };
}

export function outermost(
  resource: object,
  contained: readonly unknown[],
  baseUrl: string,
): Container {
  return { resource, baseUrl, contained, depth: 0, budget: { left: MOST_ENTRIES } };
}

/**
 * Parameters of the resources that a parameter leads to inside of this one: those of an embedded resource under
 * `<code>.<theirs>`, those of a contained one under `<code>:<type>.<theirs>`, beside a mark that there is one, so that
 * chains find them (R4 search.html#contained).
 *
 * @throws FhirError `too-costly`
 */
export function insideEntries(
  parameter: SearchParameter,
  container: Container,
  index: (inside: Container) => readonly IndexEntry[],
): IndexEntry[] {
  if (parameter.type !== 'reference') return [];
  const entries: IndexEntry[] = [];
  const add = (prefix: string, inside: unknown, depth: number): void => {
    const own = [...index({ ...container, resource: inside, depth })];
    const id = text(object(inside)['id']);
    if (id !== undefined) own.push({ kind: 'token', param: '_id', system: null, code: id });
    container.budget.left -= own.length;
    if (container.budget.left < 0) {
      throw new FhirError('too-costly', `${parameter.code}: too much lies inside of this resource`);
    }
    for (const entry of own) entries.push({ ...entry, param: `${prefix}.${entry.param}` });
  };
  const done = new Set<string>();
  for (const path of parameter.paths) {
    walkPath(path, container.resource, (value, leaf, { target }) => {
      if (leaf === 'Resource') {
        if (isTarget(parameter, value)) add(parameter.code, value, container.depth);
        return;
      }
      const found = containedBehind(value, container);
      if (found === undefined || done.has(found.id) || container.depth >= DEEPEST) return;
      const { id, type, inside } = found;
      if (target !== undefined && target !== type) return;
      done.add(id);
      const prefix = `${parameter.code}:${type}`;
      entries.push({ kind: 'token', param: prefix, system: null, code: 'contained' });
      add(prefix, inside, container.depth + 1);
    });
  }
  return entries;
}

/** Tells whether a resource is of a type that the parameter leads to. */
export function isTarget({ targets }: SearchParameter, value: unknown): boolean {
  return targets.length === 0 || targets.includes(text(object(value)['resourceType']) ?? '');
}

/** The contained resource that a reference leads to. */
function containedBehind(
  value: unknown,
  { baseUrl, contained }: Pick<Container, 'baseUrl' | 'contained'>,
): { readonly id: string; readonly type: string; readonly inside: unknown } | undefined {
  const id = containedId(value, baseUrl);
  if (id === undefined) return undefined;
  const inside = contained.find((each) => object(each)['id'] === id);
  const type = text(object(inside)['resourceType']);
  return type === undefined ? undefined : { id, type, inside };
}

/** Codes of the parameters by which a resource refers to what it contains, by local id. */
export function leadingTo(
  parameters: ReadonlyMap<string, SearchParameter>,
  container: Container,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { code, type, paths } of parameters.values()) {
    if (type !== 'reference') continue;
    for (const path of paths) {
      walkPath(path, container.resource, (value, _leaf, { target }) => {
        const behind = containedBehind(value, container);
        if (behind === undefined || (target !== undefined && target !== behind.type)) return;
        found.set(behind.id, (found.get(behind.id) ?? new Set()).add(code));
      });
    }
  }
  return found;
}

function containedId(value: unknown, baseUrl: string): string | undefined {
  const literal = text(value) ?? text(object(value)['reference']);
  const parsed = literal === undefined ? undefined : parseReference(literal, baseUrl);
  return parsed?.kind === 'contained' && parsed.id !== '' ? parsed.id : undefined;
}
