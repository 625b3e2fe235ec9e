import type { Rule } from './policy.ts';
import { LOINC, TYPES } from './samples.ts';

/** A state in which data are: whose they are, what the patient allows, and what of it meets the criterion. */
export interface State {
  /** Id of its patient; of unassigned data none. */
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Rules of Consents that were recorded once and are no longer in force. */
  readonly former?: readonly Rule[];
  readonly confidentiality?: 'R' | 'V';
  /** Among the rules is a criterion that half of the data meets. */
  readonly halved?: true;
  /** New data of it can be recorded by its patient alone. */
  readonly madeByOwner?: true;
  /** Says how a resource names whom it is about, where that leads to nobody. */
  readonly unassigned?: { readonly subject?: object; readonly contained?: readonly object[] };
}

export const HIT = { code: '7-7', label: 'PSY', day: '2020-06-01' } as const;
export const MISS = { code: '1-1', label: undefined, day: '2015-06-01' } as const;

const PERMIT = 'permit' as const;
const DENY = 'deny' as const;
const DENIED = ['Practitioner/denied', 'Organization/pharmacy'];
/** Everybody may see what is not denied. */
const allBut = (...exceptions: readonly Omit<Rule, 'type'>[]): Rule => ({
  type: PERMIT,
  exceptions: exceptions.map((each) => ({ type: DENY, ...each })),
});
const classes = ['Observation', 'Condition', 'Encounter', 'DocumentReference', 'Task', 'Binary'];
const LAST_YEAR = ['2019-01-01', '2019-12-31'] as const;

export const STATES: readonly State[] = [
  { name: 'own-a', rules: [] },
  { name: 'own-b', rules: [] },
  { name: 'plain', rules: [] },
  { name: 'open', rules: [{ type: PERMIT }] },
  {
    name: 'shared',
    rules: [
      { type: PERMIT, actors: ['Organization/pharmacy'] },
      { type: PERMIT, actors: ['Practitioner/elsewhere'], purposes: ['TREAT'] },
      {
        type: PERMIT,
        actors: ['Organization/lab'],
        actions: ['access', 'collect', 'correct'],
      },
      { type: PERMIT, actors: ['Organization/insurer'], purposes: ['HPAYMT'] },
      { type: PERMIT, actors: ['Organization/university'], purposes: ['HRESCH'], classes },
    ],
  },
  { name: 'denies-actors', rules: [allBut({ actors: DENIED })] },
  { name: 'denies-classes', halved: true, rules: [allBut({ classes })] },
  { name: 'denies-codes', halved: true, rules: [allBut({ codes: [HIT.code] })] },
  {
    name: 'denies-codes-of-doctor',
    halved: true,
    rules: [allBut({ codes: [HIT.code], actors: ['Practitioner/doctor'] })],
  },
  { name: 'denies-labels', halved: true, rules: [allBut({ labels: [HIT.label] })] },
  {
    name: 'denies-days',
    halved: true,
    rules: [allBut({ days: ['2020-01-01', '2020-12-31'] })],
  },
  {
    name: 'denies-instances',
    halved: true,
    rules: [
      allBut({ instances: TYPES.map((type) => `${type}/${idOf('denies-instances', true)}`) }),
    ],
  },
  { name: 'denies-purposes', rules: [allBut({ purposes: ['HOPERAT', 'HPAYMT'] })] },
  { name: 'denies-seeing', rules: [allBut({ actions: ['access'], actors: DENIED })] },
  { name: 'denies-collecting', madeByOwner: true, rules: [allBut({ actions: ['collect'] })] },
  {
    name: 'collects',
    rules: [
      { type: PERMIT, actors: ['Organization/lab'], actions: ['access', 'collect'] },
      { type: DENY, actors: ['Practitioner/denied'], actions: ['collect'] },
    ],
  },
  { name: 'denies-changing', rules: [allBut({ actions: ['correct'] })] },
  {
    name: 'one-instance',
    halved: true,
    rules: [
      {
        type: PERMIT,
        actors: ['Organization/pharmacy'],
        actions: ['access', 'correct'],
        instances: TYPES.map((type) => `${type}/${idOf('one-instance', true)}`),
      },
    ],
  },
  { name: 'denies-all', rules: [{ type: DENY }] },
  {
    name: 'revoked',
    rules: [],
    former: [
      { type: PERMIT, actors: ['Organization/pharmacy', 'Organization/insurer'] },
      { type: DENY, actors: ['Practitioner/denied'] },
    ],
  },
  {
    name: 'expired',
    rules: [
      { type: PERMIT, actors: ['Organization/pharmacy'], inForce: LAST_YEAR },
      { type: DENY, actors: ['Practitioner/denied'], inForce: LAST_YEAR },
    ],
  },
  { name: 'restricted', confidentiality: 'R', rules: [] },
  { name: 'very-restricted', confidentiality: 'V', rules: [] },
  {
    name: 'by-identifier',
    rules: [],
    unassigned: { subject: { identifier: { system: 'urn:elsewhere', value: 'a' } } },
  },
  { name: 'by-display', rules: [], unassigned: { subject: { display: 'Ahorn' } } },
  {
    name: 'by-urn',
    rules: [],
    unassigned: { subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
  },
  {
    name: 'by-foreign-base',
    rules: [],
    unassigned: { subject: { reference: 'http://elsewhere.test/fhir/Patient/a' } },
  },
  {
    name: 'by-contained',
    rules: [],
    unassigned: {
      subject: { reference: '#p' },
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ text: 'Ahorn' }] }],
    },
  },
];

/** Id of the standing resource of each type in this state. */
export function idOf(state: string, hit: boolean): string {
  return `${state}-${hit ? 'h' : 'm'}`;
}

const codings = (system: string, codes: readonly string[]) =>
  codes.map((code) => ({ system, code }));
const ACTION = 'http://terminology.hl7.org/CodeSystem/consentaction';
const REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const TYPE = 'http://hl7.org/fhir/resource-types';
const IRCP = codings('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', ['IRCP']);

/** A rule as `Consent.provision` has it. */
export function provisionOf(rule: Rule): object {
  const { actors, actions, purposes, classes: ofTypes, codes, labels, days, instances } = rule;
  return {
    type: rule.type,
    ...(rule.inForce && { period: { start: rule.inForce[0], end: rule.inForce[1] } }),
    ...(actors && {
      actor: actors.map((reference) => ({ role: { coding: IRCP }, reference: { reference } })),
    }),
    ...(actions && { action: codings(ACTION, actions).map((coding) => ({ coding: [coding] })) }),
    ...(labels && { securityLabel: codings(ACT_CODE, labels) }),
    ...(purposes && { purpose: codings(REASON, purposes) }),
    ...(ofTypes && { class: codings(TYPE, ofTypes) }),
    ...(codes && { code: codings(LOINC, codes).map((coding) => ({ coding: [coding] })) }),
    ...(days && { dataPeriod: { start: days[0], end: days[1] } }),
    ...(instances && {
      data: instances.map((reference) => ({ meaning: 'instance', reference: { reference } })),
    }),
    ...(rule.exceptions && { provision: rule.exceptions.map(provisionOf) }),
  };
}
