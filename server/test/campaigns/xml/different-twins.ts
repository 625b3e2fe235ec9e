/** Examples that were published with different content in their two formats: file name → the first difference. */
export const DIFFERENT_TWINS: ReadonlyMap<string, RegExp> = new Map([
  // The JSON form has lost the exponent.
  ['observation-decimal.json', /^\/component\/2\/valueQuantity\/value: 1\.0e0 and 1\.0$/],
]);
