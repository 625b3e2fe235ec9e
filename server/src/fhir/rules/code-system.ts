import { objectsOf } from '../rule.ts';
import type { ProseRule } from './prose-rule.ts';

/** http://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.content */
export const checkCodeSystem: ProseRule = ({ content, concept, supplements }, { report }) => {
  if (supplements !== undefined && content !== 'supplement') {
    report('value', 'What supplements a code system has the content "supplement"', '.content');
  }
  if (content === 'not-present' && objectsOf(concept).length > 0) {
    report('value', 'The content is said not to be present, but there are concepts', '.content');
  }
};
