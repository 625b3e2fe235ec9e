import { at, json, JSON_PATCH, type Carried } from './ways-in.ts';
import type { Request } from './ways-out.ts';

/** Patches that ask whether the text is this one: nobody who does not see it may learn. */
export const GUESSES: readonly ((carried: Carried, right: boolean) => Request)[] = [
  ({ facts, before }, right) => ({
    method: 'PATCH',
    path: at(facts),
    body: json([
      { op: 'test', path: REMARK, value: right ? before : `${before.slice(0, -1)}x` },
      { op: 'replace', path: REMARK, value: 'guessed' },
    ]),
    headers: JSON_PATCH,
  }),
  ({ facts, before }, right) => ({
    method: 'PATCH',
    path: at(facts),
    body: json({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'delete' },
            {
              name: 'path',
              valueString: `${facts.type}.extension.where(value.startsWith('${right ? before.slice(0, 20) : 'wrong'}'))`,
            },
          ],
        },
      ],
    }),
  }),
];
const REMARK = '/extension/0/valueString';

/** What is tried on Consents by those who may write none. */
export const ON_CONSENTS: readonly {
  readonly name: string;
  readonly request: (id: string, of: string) => Request;
}[] = [
  { name: 'DELETE Consent', request: (id) => ({ method: 'DELETE', path: `Consent/${id}` }) },
  {
    name: 'PATCH Consent',
    request: (id) => ({
      method: 'PATCH',
      path: `Consent/${id}`,
      body: json([{ op: 'replace', path: '/status', value: 'inactive' }]),
      headers: JSON_PATCH,
    }),
  },
  {
    name: 'POST Consent',
    request: (_id, of) => ({
      method: 'POST',
      path: 'Consent',
      body: json({
        resourceType: 'Consent',
        status: 'active',
        scope: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/consentscope',
              code: 'patient-privacy',
            },
          ],
        },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient: { reference: `Patient/${of}` },
        policyRule: { text: 'x' },
        provision: { type: 'permit' },
      }),
    }),
  },
];
