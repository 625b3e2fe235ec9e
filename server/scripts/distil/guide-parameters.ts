import type { SearchParameterDefinition } from '../../src/fhir/definitions.ts';

const US_CORE = 'http://hl7.org/fhir/us/core/SearchParameter/us-core';

/** Search parameters beyond R4's own that US Core 6.1, 7.0 and 8.0 require. */
const guideParameters: Readonly<Record<string, SearchParameterDefinition>> = {
  CareTeam: {
    code: 'role',
    type: 'token',
    url: `${US_CORE}-careteam-role`,
    expression: 'CareTeam.participant.role',
  },
  Condition: {
    code: 'asserted-date',
    type: 'date',
    url: `${US_CORE}-condition-asserted-date`,
    expression:
      "Condition.extension.where(url='http://hl7.org/fhir/StructureDefinition/condition-assertedDate').value.as(dateTime)",
  },
  Encounter: {
    code: 'discharge-disposition',
    type: 'token',
    url: `${US_CORE}-encounter-discharge-disposition`,
    expression: 'Encounter.hospitalization.dischargeDisposition',
  },
  Goal: {
    code: 'description',
    type: 'token',
    url: `${US_CORE}-goal-description`,
    expression: 'Goal.description',
  },
};

/** The parameters of the guides among those of R4, by base type. */
export function withGuideParameters(
  official: Readonly<Record<string, SearchParameterDefinition[]>>,
): Record<string, SearchParameterDefinition[]> {
  const all = { ...official };
  for (const [base, definition] of Object.entries(guideParameters)) {
    all[base] = [...(all[base] ?? []), definition].sort((a, b) => (a.code < b.code ? -1 : 1));
  }
  return all;
}
