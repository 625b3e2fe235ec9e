/**
 * Types that say how servers behave and what codes mean, rather than what happened to somebody: the modules Conformance,
 * Terminology and Testing of R4 (http://hl7.org/fhir/R4/modules.html).
 */
export const ADMINISTERED_TYPES: ReadonlySet<string> = new Set([
  ...['CapabilityStatement', 'CompartmentDefinition', 'ExampleScenario', 'GraphDefinition'],
  ...['ImplementationGuide', 'MessageDefinition', 'OperationDefinition', 'SearchParameter'],
  ...['StructureDefinition', 'StructureMap', 'TestScript'],
  ...['CodeSystem', 'ConceptMap', 'NamingSystem', 'TerminologyCapabilities', 'ValueSet'],
]);

/** Says so in the CapabilityStatement. */
export const ADMINISTERED = 'It is written by systems and administration of the custodian only.';
