import type { SearchParameterDefinition } from '../../src/fhir/definitions.ts';
import type { SearchParameter } from './source.ts';

const OFFICIAL = 'http://hl7.org/fhir/SearchParameter/';

/** Search parameters by base type; the expression of each is reduced to the part that concerns that base. */
export function distilSearchParameters(
  parameters: readonly SearchParameter[],
  resourceTypes: ReadonlySet<string>,
): Record<string, SearchParameterDefinition[]> {
  const byBase = new Map<string, Map<string, SearchParameterDefinition>>();
  for (const parameter of parameters) {
    for (const base of parameter.base ?? []) {
      const definition = definitionFor(parameter, base, resourceTypes);
      if (!definition) continue;
      const codes = byBase.get(base) ?? new Map<string, SearchParameterDefinition>();
      if (codes.has(definition.code))
        throw new Error(`two parameters ${definition.code} of ${base}`);
      codes.set(definition.code, definition);
      byBase.set(base, codes);
    }
  }
  return Object.fromEntries(
    [...byBase]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([base, codes]) => [
        base,
        [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1)),
      ]),
  );
}

function definitionFor(
  parameter: SearchParameter,
  base: string,
  resourceTypes: ReadonlySet<string>,
): SearchParameterDefinition | undefined {
  if (!resourceTypes.has(base) || !isOfficial(parameter)) return undefined;
  const type = parameter.type as SearchParameterDefinition['type'];
  const expression = parameter.expression ? expressionOf(parameter.expression, base) : undefined;
  const plain = type !== 'composite' && type !== 'special';
  if (plain && !expression) return undefined;
  const all = (parameter.target?.length ?? 0) >= resourceTypes.size - 2;
  return {
    code: parameter.code,
    type,
    url: parameter.url,
    ...(expression ? { expression } : {}),
    ...(parameter.component
      ? {
          components: parameter.component.map(({ definition, expression: part }) => ({
            definition,
            expression: part,
          })),
        }
      : {}),
    ...(parameter.target && !all ? { targets: parameter.target } : {}),
  };
}

/** The package also holds examples of search parameters and those that rest on extensions. */
function isOfficial(parameter: SearchParameter): boolean {
  return (
    parameter.url === OFFICIAL + parameter.id &&
    !parameter.id.startsWith('example') &&
    !/extension/i.test(parameter.expression ?? '')
  );
}

/** `A.x | B.y` reduced to what starts at `base`. No published expression has a union inside parentheses. */
function expressionOf(expression: string, base: string): string {
  return expression
    .split('|')
    .map((part) => part.trim())
    .filter((part) => new RegExp(`^\\(?${base}\\b`).test(part) || /^[a-z]/.test(part))
    .map((part) => (/^[a-z]/.test(part) ? `${base}.${part}` : part))
    .join(' | ');
}
