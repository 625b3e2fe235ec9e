import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { containedCriterion, embeddedCriterion } from './embedded.ts';
import { referenceTypes } from './reference-types.ts';
import { nothing } from '../query.ts';
import type { Filter } from '../query.ts';
import { bad, costly } from '../refusals.ts';
import type { Registry } from '../registry.ts';
import type { SearchParameter } from '../search-parameter.ts';

/** A name that leads to other resources: https://hl7.org/fhir/R4/search.html#chaining and #has */
export type Link =
  | {
      readonly kind: 'chain';
      readonly code: string;
      /** `subject:Patient.name` names the type. */
      readonly type: string | undefined;
      readonly rest: string;
    }
  | {
      readonly kind: 'has';
      readonly type: string;
      readonly code: string;
      readonly rest: string;
    };

/** Says how far a criterion may lead, and to how many alternatives in all. */
export interface Reach {
  readonly depth: number;
  readonly links: { left: number };
}

const DEEPEST = 5;
const MOST_LINKS = 32;

export function startReach(): Reach {
  return { depth: 0, links: { left: MOST_LINKS } };
}

/** undefined when the name leads nowhere else. @throws FhirError `invalid` for a `_has` that is none */
export function splitLink(name: string): Link | undefined {
  if (name.startsWith('_has:')) {
    const [, type = '', code = '', rest = ''] = /^_has:(\w+):([\w-]+):(.+)$/s.exec(name) ?? [];
    if (rest === '') {
      throw bad('_has', 'write it as _has:Type:reference:parameter');
    }
    return { kind: 'has', type, code, rest };
  }
  const [, code = '', type, rest = ''] = /^([^.:]+)(?::([^.:]+))?\.(.+)$/s.exec(name) ?? [];
  return rest === '' ? undefined : { kind: 'chain', code, type, rest };
}

export interface LinkContext {
  /** The type searched on this side. */
  readonly type: string;
  readonly registry: Registry;
  readonly reach: Reach;
  /** The criterion on the other side; a text says why it is unknown there. */
  readonly parse: (
    type: string,
    name: string,
    reach: Reach,
  ) => Filter | { readonly reason: string };
}

/**
 * @throws FhirError for what is known but wrong; a text says why something is unknown
 *
 * @rule chaining, _has
 */
export function linkFilter(link: Link, context: LinkContext): Filter | { readonly reason: string } {
  const reach = deeper(link, context.reach);
  return link.kind === 'has' ? has(link, context, reach) : chain(link, context, reach);
}

function has(
  { type, code, rest }: Extract<Link, { kind: 'has' }>,
  { type: here, registry, parse }: LinkContext,
  reach: Reach,
): Filter | { readonly reason: string } {
  if (!isResource(registry, type)) throw bad('_has', `${printable(type)} is no resource type`);
  const parameter = registry.parameters(type).get(code);
  if (parameter === undefined) return unknown(code, type);
  if (parameter.type !== 'reference' || !mayReferTo(parameter, here)) {
    throw bad('_has', `${code} of ${type} never refers to ${here}`);
  }
  spend('_has', reach);
  const filter = parse(type, rest, reach);
  if ('reason' in filter) return filter;
  return { op: 'referenced', type, param: code, filter, within: nothing };
}

function chain(
  { code, type, rest }: Extract<Link, { kind: 'chain' }>,
  { type: here, registry, parse }: LinkContext,
  reach: Reach,
): Filter | { readonly reason: string } {
  const parameter = registry.parameters(here).get(code);
  if (parameter === undefined) return unknown(code, here);
  if (parameter.type !== 'reference') throw bad(code, 'it is no reference that could be followed');
  const any: Filter[] = [];
  let failed: FhirError | { readonly reason: string } | undefined;
  for (const target of targetsOf(parameter, type, registry)) {
    spend(code, reach);
    const filter = attempt(() => parse(target, rest, reach));
    if (filter instanceof FhirError || 'reason' in filter) failed ??= filter;
    else if (parameter.embedded) any.push(embeddedCriterion(code, filter));
    else {
      const contained = containedCriterion(code, target, filter);
      any.push({
        op: 'chain',
        param: code,
        type: target,
        filter,
        within: nothing,
        ...(contained && { contained }),
      });
    }
  }
  if (any.length === 1 && any[0]) return any[0];
  if (any.length > 0) return { op: 'or', any };
  if (failed instanceof FhirError) throw failed;
  return failed ?? unknown(code, here);
}

/** Lets those types count, of all that a reference may point to, for which the criterion makes sense. */
function attempt<T>(act: () => T): T | FhirError {
  try {
    return act();
  } catch (error) {
    if (error instanceof FhirError && error.code !== 'too-costly') return error;
    throw error;
  }
}

/** Types that a reference is followed to. @throws FhirError `invalid` when none is known, or the one named is none of them */
export function targetsOf(
  parameter: SearchParameter,
  named: string | undefined,
  registry: Registry,
): readonly string[] {
  if (named === undefined) {
    const types = referenceTypes(parameter).filter((type) => isResource(registry, type));
    if (types.length === 0) {
      throw bad(parameter.code, `say which type is meant: ${parameter.code}:Type.parameter`);
    }
    return types;
  }
  if (!isResource(registry, named))
    throw bad(parameter.code, `${printable(named)} is no resource type`);
  if (!mayReferTo(parameter, named)) throw bad(parameter.code, `it never refers to ${named}`);
  return [named];
}

/** Tells whether references of this parameter may point to the type. */
export function mayReferTo(parameter: SearchParameter, type: string): boolean {
  const types = referenceTypes(parameter);
  return types.length === 0 || types.includes(type) || types.includes('Resource');
}

function isResource(registry: Registry, type: string): boolean {
  const found = registry.definitions.types.get(type);
  return found?.kind === 'resource' && type !== 'Resource' && type !== 'DomainResource';
}

function deeper(link: Link, { depth, links }: Reach): Reach {
  if (depth >= DEEPEST) {
    throw costly(
      link.kind === 'has' ? '_has' : link.code,
      `it leads through more than ${DEEPEST} references`,
    );
  }
  return { depth: depth + 1, links };
}

function spend(code: string, { links }: Reach): void {
  links.left -= 1;
  if (links.left < 0) {
    throw costly(code, 'it leads to too many types: name the type as in subject:Patient.name');
  }
}

function unknown(code: string, type: string): { readonly reason: string } {
  return { reason: `${printable(code)} is no search parameter of ${type}` };
}
