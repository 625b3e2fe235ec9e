import { isAbsolute } from './datatypes.ts';
import type { ProseRule } from './prose-rule.ts';

/** Types whose `url` is a canonical one: http://hl7.org/fhir/R4/resource.html#canonical */
const CANONICAL: ReadonlySet<string> = new Set([
  ...['ActivityDefinition', 'CapabilityStatement', 'ChargeItemDefinition', 'CodeSystem'],
  ...['CompartmentDefinition', 'ConceptMap', 'EffectEvidenceSynthesis', 'EventDefinition'],
  ...['Evidence', 'EvidenceVariable', 'ExampleScenario', 'GraphDefinition', 'Library', 'Measure'],
  ...['ImplementationGuide', 'MessageDefinition', 'NamingSystem', 'OperationDefinition'],
  ...['PlanDefinition', 'Questionnaire', 'ResearchDefinition', 'ResearchElementDefinition'],
  ...['RiskEvidenceSynthesis', 'SearchParameter', 'StructureDefinition', 'StructureMap'],
  ...['TerminologyCapabilities', 'TestScript', 'ValueSet'],
]);
const UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** http://hl7.org/fhir/R4/references.html#canonical: canonical URLs are absolute; UUIDs are written in lower case. */
export const checkCanonicalUrl: ProseRule = ({ resourceType, url }, { report }) => {
  if (typeof url !== 'string' || !CANONICAL.has(String(resourceType))) return;
  const fault = canonicalFault(url);
  if (fault !== undefined) report('value', fault, '.url');
};

/** Returns what is wrong with a canonical reference, or undefined. */
export function canonicalFault(url: string): string | undefined {
  if (url.startsWith('#')) return undefined;
  if (!isAbsolute(url)) return 'A canonical URL is absolute';
  return url.startsWith('urn:uuid:') && !UUID.test(url.split('|')[0] ?? '')
    ? 'A UUID is written in lower case, 8-4-4-4-12 digits'
    : undefined;
}

/** http://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.system */
export const checkComposedSystem: ProseRule = ({ system }, { report }) => {
  if (typeof system !== 'string') return;
  if (!isAbsolute(system)) {
    report('value', 'The system of a value set is an absolute URI', '.system');
  } else if (system.includes('|')) {
    report('value', 'The version of a code system is said in `version`', '.system');
  }
};
