/** Tells whether JSON values are equal, whatever the order of members. Numbers are compared by their value. */
export function isSame(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed)) {
    return (
      Array.isArray(value) &&
      value.length === fixed.length &&
      fixed.every((item, index) => isSame(value[index], item))
    );
  }
  if (typeof fixed !== 'object' || fixed === null) return value === fixed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(fixed);
  return (
    names.length === Object.keys(value).length &&
    names.every((name) => isSame(member(value, name), member(fixed, name)))
  );
}

/**
 * Tells whether a JSON value has at least what a pattern has:
 * http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */
export function fits(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return pattern.every((wanted) => items.some((item) => fits(item, wanted)));
  }
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(pattern).every((name) => fits(member(value, name), member(pattern, name)));
}

function member(value: object, name: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[name];
}
