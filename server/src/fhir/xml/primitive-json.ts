const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^[+-]?(?:0|[1-9][0-9]*)$/;

/**
 * A primitive's `value` attribute as JSON text. A number keeps its digits; the plus that R4 allows of an integer has no
 * place in JSON. Undefined when JSON cannot say it as that type; what else is wrong with a value, validation finds.
 */
export function primitiveJson(type: string, value: string): string | undefined {
  switch (type) {
    case 'boolean':
      return value === 'true' || value === 'false' ? value : undefined;
    case 'decimal':
      return DECIMAL.test(value) ? value : undefined;
    case 'integer':
    case 'unsignedInt':
    case 'positiveInt':
      return INTEGER.test(value) ? value.replace('+', '') : undefined;
    default:
      return JSON.stringify(value);
  }
}
