import { objectsOf } from '../rule.ts';
import type { ProseRule, Ruling } from './prose-rule.ts';

const UCUM = 'http://unitsofmeasure.org';
/** Code systems that are a part of R4 and do not change. */
const OF_R4 = /^http:\/\/hl7\.org\/fhir\//;
/** Matches the code systems that R4 brings as they were then: they may have grown since. */
const OF_HL7 = /^http:\/\/terminology\.hl7\.org\//;

/** A code belongs to its system: http://hl7.org/fhir/R4/datatypes.html#Coding */
export const checkCode: ProseRule = ({ system, code }, ruling) => {
  checkBelongs(ruling, { system, code, at: '.code' });
};

/** http://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group: its codes are those of the two systems. */
export const checkMappedCodes: ProseRule = ({ source, target, element }, ruling) => {
  objectsOf(element).forEach((from, index) => {
    const at = `.element[${index}]`;
    checkBelongs(ruling, { system: source, code: from['code'], at: `${at}.code` });
    objectsOf(from['target']).forEach(({ code }, place) => {
      checkBelongs(ruling, { system: target, code, at: `${at}.target[${place}].code` });
    });
  });
};

function checkBelongs(
  { terminology, report, warn }: Ruling,
  { system, code, at }: { readonly system: unknown; readonly code: unknown; readonly at: string },
): void {
  if (typeof system !== 'string' || typeof code !== 'string') return;
  const fixed = system === UCUM || OF_R4.test(system);
  if (!fixed && !OF_HL7.test(system)) return;
  const view = terminology?.codeSystem(system);
  if (view?.known !== 'whole' || view.find(code) !== undefined) return;
  (fixed ? report : warn)('code-invalid', `${system} has no code ${code}`, at);
}
