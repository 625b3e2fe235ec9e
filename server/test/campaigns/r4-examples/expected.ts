const NO_BASE = /SearchParameter\.base: The element is required/;
const EMPTY_NARRATIVE = /text\.div: .*\(txt-2\)/;
const NO_BASE_DEFINITION = /StructureDefinition: .*\(sdf-4\)/;
const NO_CODE = /concept\[\d+\]\.code: The value is no code/;

/** Extensions that R4 publishes as search parameters of no type. */
const OF_NO_TYPE = [
  ...['author', 'effective', 'end', 'keyword', 'workflow'].map(
    (name) => `SearchParameter-codesystem-extensions-CodeSystem-${name}`,
  ),
  ...['author', 'effective', 'end', 'keyword', 'workflow'].map(
    (name) => `SearchParameter-valueset-extensions-ValueSet-${name}`,
  ),
];

/** Logical models without what they are based on, though they are not abstract. */
const OF_NOTHING = ['Definition', 'Event', 'FiveWs', 'Request'];

/** Published with R4 and yet against its own definitions: name → the rule that it breaks, as the server says it. */
export const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  ['ActivityDefinition-blood-tubes-supply', EMPTY_NARRATIVE],
  ['ActivityDefinition-heart-valve-replacement', EMPTY_NARRATIVE],
  ['Bundle-dataelements', /\(bdl-7\)/],
  // A code that ends with a no-break space.
  ['Bundle-v2-valuesets', NO_CODE],
  ['CodeSystem-v2-0550', NO_CODE],
  ['EventDefinition-example', EMPTY_NARRATIVE],
  ['ImplementationGuide-fhir', /ImplementationGuide\.name: The element is required/],
  ['Questionnaire-qs1', /linkId: The element is required/],
  ['Questionnaire-zika-virus-exposure-assessment', EMPTY_NARRATIVE],
  ...OF_NO_TYPE.map((name): [string, RegExp] => [name, NO_BASE]),
  // 67 characters.
  [
    'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject',
    /An id is 1 to 64 letters, digits, hyphens and dots/,
  ],
  ...OF_NOTHING.map((name): [string, RegExp] => [
    `StructureDefinition-${name}`,
    NO_BASE_DEFINITION,
  ]),
  // Nothing is against R4 here: it is what this server does not do.
  ['Subscription-example', /Nothing is sent yet/],
]);
