/** Published with R4 and yet against its own definitions: name → the rule that it breaks, as the server says it. */
export const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  ['Bundle-v2-valuesets', /concept\[\d+\]\.code: The value is no code/],
  ['ImplementationGuide-fhir', /ImplementationGuide\.name: The element is required/],
  ['Questionnaire-qs1', /linkId: The element is required/],
]);
