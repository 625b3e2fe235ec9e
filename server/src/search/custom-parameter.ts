import { createHash } from 'node:crypto';
import type { SearchParameterDefinition } from '../fhir/definitions.ts';

/** A SearchParameter resource that is in use, for each of its base types. */
export interface CustomParameter {
  /** Changes with everything that decides what is indexed. */
  readonly key: string;
  readonly bases: readonly string[];
  readonly definition: SearchParameterDefinition;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Returns what an active SearchParameter resource (valid by R4) defines; undefined when it is not active.
 * http://hl7.org/fhir/R4/searchparameter.html
 *
 * @rule SearchParameter
 */
export function customParameter(resource: object): CustomParameter | undefined {
  const { status, code, type, url, base, expression, target, component } = resource as Json;
  if (status !== 'active' || typeof code !== 'string' || typeof type !== 'string') return undefined;
  const bases = texts(base);
  const targets = texts(target);
  const definition: SearchParameterDefinition = {
    code,
    type: type as SearchParameterDefinition['type'],
    url: String(url),
    ...(typeof expression === 'string' ? { expression: expression } : {}),
    ...(targets.length > 0 ? { targets } : {}),
    ...(Array.isArray(component) ? { components: component.map(componentOf) } : {}),
  };
  const key = createHash('sha256')
    .update(JSON.stringify([bases, definition]))
    .digest('base64url');
  return { key, bases, definition };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function componentOf(value: unknown): { readonly definition: string; readonly expression: string } {
  const { definition, expression } = value as Json;
  return { definition: String(definition), expression: String(expression) };
}
