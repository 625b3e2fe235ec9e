import assert from 'node:assert/strict';
import { people, type Answer, type TestApp } from './app.ts';

interface Bundle {
  readonly total?: number;
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search?: { readonly mode: string };
  }[];
}

export const entriesOf = (answer: Answer): NonNullable<Bundle['entry']> =>
  (answer.json() as Bundle).entry ?? [];

/** A resource that a test puts under an id of its own. */
export type Resource = Readonly<Record<string, unknown>> & {
  readonly resourceType: string;
  readonly id: string;
};

/** How the custodian's system puts resources to one server, in their order. */
export const putsTo =
  (server: () => TestApp) =>
  async (...resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources) {
      const path = `${resource.resourceType}/${resource.id}`;
      const answer = await server().ask(people.ehr, 'PUT', path, {
        body: JSON.stringify(resource),
      });
      assert.ok([200, 201].includes(answer.status), answer.text);
    }
  };

/** Ids of what a search gave, included resources too, sorted. */
export const idsOf = (answer: Answer): readonly string[] =>
  entriesOf(answer)
    .map(({ resource }) => resource.id)
    .sort();

/** Where a page's link leads to; undefined when it has no such link. */
export const linkOf = (answer: Answer, relation: string): string | undefined => {
  const { link = [] } = answer.json() as {
    readonly link?: readonly { readonly relation: string; readonly url: string }[];
  };
  return link.find((each) => each.relation === relation)?.url;
};

export const totalOf = (answer: Answer): unknown => answer.json()['total'];

export const patient = (id: string, family: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
  birthDate: '1970-01-01',
});

export const observation = (id: string, of: string, code: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: `Patient/${of}` },
});

export const medicationRequest = (id: string, of: string) => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: id },
  subject: { reference: `Patient/${of}` },
});

const confidentiality = (code: string) => ({
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code }],
});

export const labelled = <T extends object>(resource: T, code: string) => ({
  ...resource,
  meta: confidentiality(code),
});

/** The same label without its system: an index of `_security` does not show what it means. */
export const looselyLabelled = <T extends object>(resource: T, code: string) => ({
  ...resource,
  meta: { security: [{ code }] },
});

export const actor = (reference: string) => [
  {
    role: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' },
      ],
    },
    reference: { reference },
  },
];

export const consent = (id: string, of: string, provision: object) => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${of}` },
  dateTime: '2020-01-01',
  policyRule: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }],
  },
  provision,
});
