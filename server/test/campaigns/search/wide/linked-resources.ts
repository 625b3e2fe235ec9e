import { officialResources } from '../official-resources.ts';
import type { Json } from '../../../oracle/official.ts';
import { BASE } from '../../../oracle/reference-text.ts';
import { writable } from '../production-http.ts';
import { Random } from '../random.ts';

/** How many of each type. */
const NUMBERS: Readonly<Record<string, number>> = {
  Patient: 7,
  RelatedPerson: 4,
  Practitioner: 4,
  PractitionerRole: 4,
  Organization: 6,
  Location: 5,
  Device: 5,
  Encounter: 9,
  Condition: 9,
  Observation: 24,
  DiagnosticReport: 6,
  MedicationRequest: 7,
  Procedure: 6,
  Task: 6,
  List: 5,
  Provenance: 5,
};

const DATES = [
  '2020',
  '2020-02',
  '2020-02-03',
  '2021-05-06T07:08:09Z',
  '2021-05-06T07:08:09+02:00',
];

/** Those and the official examples of what a ward has. */
export function wideResources(): readonly Json[] {
  const official = officialResources().filter(
    (resource) => Object.hasOwn(NUMBERS, String(resource['resourceType'])) && writable(resource),
  );
  return [...linkedResources(), ...official];
}

/**
 * Resources of a ward whose references lead in circles, to themselves, to what is not there, to versions, inside, and
 * to places by any of their names; the same each time.
 */
function linkedResources(): readonly Json[] {
  const maker = new Maker(new Random(5));
  return Object.entries(NUMBERS).flatMap(([type, number]) =>
    Array.from({ length: number }, (_, i) => maker.make(type, i)),
  );
}

class Maker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  make(type: string, i: number): Json {
    const resource = {
      resourceType: type,
      id: `${type.toLowerCase()}-${i}`,
      ...(this.#random.chance(0.5) && {
        meta: { tag: [{ system: 'urn:ward', code: this.#random.pick(['a', 'b', 'c']) }] },
      }),
      ...PARTS[type]?.(this),
    };
    // A reference inside needs something to lead to.
    return JSON.stringify(resource).includes('"#inside"')
      ? { ...resource, contained: [{ resourceType: 'Patient', id: 'inside', active: true }] }
      : resource;
  }

  pick<T>(from: readonly T[]): T {
    return this.#random.pick(from);
  }

  date(): string {
    return this.pick(DATES);
  }

  moment(): string {
    return this.pick(DATES.slice(3));
  }

  code(): Json {
    return { coding: [{ system: 'http://loinc.org', code: this.pick(['c-1', 'c-2', 'c-3']) }] };
  }

  /** To one of these types, by one of its names. */
  to(...types: readonly string[]): Json {
    const type = this.pick(types);
    const path = `${type}/${type.toLowerCase()}-${this.#random.below(NUMBERS[type] ?? 1)}`;
    const kind = this.#random.next();
    if (kind < 0.1) return { reference: `${path}/_history/1` };
    if (kind < 0.17) return { reference: `${BASE}/${path}` };
    if (kind < 0.21) return { reference: `${BASE}/${path}/_history/1` };
    if (kind < 0.25) return { reference: `https://elsewhere.example/fhir/${path}` };
    if (kind < 0.28) return { reference: `${type}/nobody` };
    if (kind < 0.31 && types.includes('Patient')) return { reference: '#inside' };
    if (kind < 0.35) return { type, identifier: { system: 'urn:ward', value: path } };
    return kind < 0.45 ? { reference: path, type } : { reference: path };
  }

  /** Some of them. */
  some(...types: readonly string[]): readonly Json[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.to(...types));
  }

  maybe(parts: () => Json): Json {
    return this.#random.chance(0.6) ? parts() : {};
  }
}

const PARTS: Readonly<Record<string, (make: Maker) => Json>> = {
  Patient: (make) => ({
    name: [{ family: make.pick(['Amsel', 'Berg', 'Cox']) }],
    birthDate: make.pick(DATES.slice(0, 3)),
    ...make.maybe(() => ({
      link: [{ other: make.to('Patient', 'RelatedPerson'), type: 'seealso' }],
    })),
    ...make.maybe(() => ({ generalPractitioner: make.some('Practitioner', 'Organization') })),
    ...make.maybe(() => ({ managingOrganization: make.to('Organization') })),
  }),
  RelatedPerson: (make) => ({ patient: make.to('Patient'), name: [{ family: 'Amsel' }] }),
  Practitioner: (make) => ({ name: [{ family: make.pick(['Amsel', 'Berg']) }] }),
  PractitionerRole: (make) => ({
    practitioner: make.to('Practitioner'),
    organization: make.to('Organization'),
    location: make.some('Location'),
  }),
  Organization: (make) => ({ name: make.pick(['A', 'B']), partOf: make.to('Organization') }),
  Location: (make) => ({
    name: make.pick(['A', 'B']),
    partOf: make.to('Location'),
    managingOrganization: make.to('Organization'),
  }),
  Device: (make) => ({
    patient: make.to('Patient'),
    parent: make.to('Device'),
    owner: make.to('Organization'),
    location: make.to('Location'),
  }),
  Encounter: (make) => ({
    status: make.pick(['finished', 'planned']),
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: make.to('Patient'),
    period: { start: make.moment() },
    ...make.maybe(() => ({ partOf: make.to('Encounter') })),
    participant: [{ individual: make.to('Practitioner', 'RelatedPerson', 'PractitionerRole') }],
    ...make.maybe(() => ({ diagnosis: [{ condition: make.to('Condition', 'Procedure') }] })),
    location: [{ location: make.to('Location') }],
    serviceProvider: make.to('Organization'),
  }),
  Condition: (make) => ({
    code: make.code(),
    subject: make.to('Patient'),
    onsetDateTime: make.date(),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    ...make.maybe(() => ({ asserter: make.to('Practitioner', 'Patient', 'RelatedPerson') })),
    ...make.maybe(() => ({ evidence: [{ detail: make.some('Observation', 'DiagnosticReport') }] })),
  }),
  Observation: (make) => ({
    status: make.pick(['final', 'preliminary']),
    code: make.code(),
    subject: make.to('Patient', 'Patient', 'Device', 'Location'),
    effectiveDateTime: make.date(),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    ...make.maybe(() => ({ performer: make.some('Practitioner', 'RelatedPerson', 'Patient') })),
    ...make.maybe(() => ({ device: make.to('Device') })),
    ...make.maybe(() => ({ hasMember: make.some('Observation') })),
    ...make.maybe(() => ({ derivedFrom: make.some('Observation') })),
  }),
  DiagnosticReport: (make) => ({
    status: 'final',
    code: make.code(),
    subject: make.to('Patient', 'Device', 'Location'),
    effectiveDateTime: make.date(),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    result: make.some('Observation'),
    ...make.maybe(() => ({ performer: make.some('Practitioner', 'Organization') })),
  }),
  MedicationRequest: (make) => ({
    status: make.pick(['active', 'completed']),
    intent: 'order',
    medicationCodeableConcept: make.code(),
    subject: make.to('Patient'),
    authoredOn: make.date(),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    ...make.maybe(() => ({ requester: make.to('Practitioner', 'Patient', 'Device') })),
    ...make.maybe(() => ({ reasonReference: make.some('Condition', 'Observation') })),
  }),
  Procedure: (make) => ({
    status: make.pick(['completed', 'in-progress']),
    code: make.code(),
    subject: make.to('Patient'),
    performedDateTime: make.date(),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    performer: [{ actor: make.to('Practitioner', 'Patient', 'RelatedPerson', 'Device') }],
    ...make.maybe(() => ({ partOf: make.some('Procedure', 'Observation') })),
  }),
  Task: (make) => ({
    status: make.pick(['requested', 'completed']),
    intent: 'order',
    ...make.maybe(() => ({ focus: make.to('Task', 'Condition', 'MedicationRequest', 'Patient') })),
    for: make.to('Patient'),
    ...make.maybe(() => ({ encounter: make.to('Encounter') })),
    owner: make.to('Practitioner', 'RelatedPerson', 'Device', 'Organization'),
    ...make.maybe(() => ({ partOf: make.some('Task') })),
  }),
  List: (make) => ({
    status: 'current',
    mode: 'working',
    subject: make.to('Patient', 'Device', 'Location'),
    entry: make
      .some('Observation', 'Condition', 'Patient', 'List', 'Task')
      .map((item) => ({ item })),
  }),
  Provenance: (make) => ({
    recorded: '2021-05-06T07:08:09Z',
    target: make.some('Observation', 'Condition', 'Provenance', 'Patient', 'Encounter'),
    agent: [{ who: make.to('Practitioner', 'Device', 'Organization') }],
  }),
};
