import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { SPOKEN_FOR } from '../../src/access/spoken-for.ts';
import { BASE, people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { entry } from '../support/bundles.ts';
import { actor, consent } from '../support/clinical-samples.ts';
import { minimalResources } from '../support/minimal-resources.ts';

type Resource = Readonly<Record<string, unknown>>;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  const known: readonly Resource[] = [
    ...['doctor', 'other-doctor'].map((id) => ({ resourceType: 'Practitioner', id })),
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'PractitionerRole', id: 'own', practitioner: { reference: OWN } },
    { resourceType: 'PractitionerRole', id: 'other', practitioner: { reference: OTHER } },
    { resourceType: 'PractitionerRole', id: 'vacant' },
  ];
  for (const each of known) {
    const path = `${String(each['resourceType'])}/${String(each['id'])}`;
    assert.equal((await send('PUT', path, each)).status, 201);
  }
});
afterAll(() => app.close());
const { ask, send } = requestsOf(() => app);

const CONSENT_ACTION = 'http://terminology.hl7.org/CodeSystem/consentaction';
const OTHER = 'Practitioner/other-doctor';
const OWN = 'Practitioner/doctor';
const at = (reference: string) => ({ reference });
const subject = at('Patient/a');
const order = (requester: object, more: object = {}): Resource => ({
  ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order' },
  ...{ code: { text: 'x' }, subject, requester },
  ...more,
});
const provenance = (...agent: object[]): Resource => ({
  ...{ resourceType: 'Provenance', recorded: '2026-01-02T03:04:05Z' },
  ...{ target: [subject], agent },
});
const event = (...agent: object[]): Resource => ({
  ...{ resourceType: 'AuditEvent', type: { code: 'rest' }, recorded: '2026-01-02T03:04:05Z' },
  ...{ agent, source: { observer: { display: 'here' } } },
});
const composition = (more: object): Resource => ({
  ...{ resourceType: 'Composition', status: 'final', type: { text: 'x' }, title: 'x' },
  ...{ subject, date: '2026-01-02', author: [at(OWN)] },
  ...more,
});

const admin: Caller = { role: 'admin', scope: 'user/*.cruds', user: 'Practitioner/admin' };
const post = (caller: Caller, resource: Resource) =>
  ask(caller, 'POST', String(resource['resourceType']), resource);
async function assertRefused(caller: Caller, resource: Resource, element: string): Promise<void> {
  const { status, text } = await post(caller, resource);
  assert.equal(status, 403, `${element}: ${text}`);
  assert.ok(text.includes(`"expression":["${element}"]`), text);
}
async function assertTaken(caller: Caller, resource: Resource): Promise<void> {
  const { status, text } = await post(caller, resource);
  assert.equal(status, 201, text);
}

const definitions = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../definitions/types.json'), 'utf8'),
) as Readonly<Record<string, { readonly elements: readonly { name: string; max?: string }[] }>>;

describe("a doctor writes in nobody else's name", () => {
  const resources = minimalResources([...SPOKEN_FOR.keys()]);
  const elements = [...SPOKEN_FOR].flatMap(([type, paths]) =>
    paths.filter((path) => !path.includes('.')).map((path) => [type, path] as const),
  );
  assert.ok(elements.length > 35);
  for (const [type, path] of elements) {
    it(`in ${type}.${path}`, async () => {
      const defined = definitions[type]?.elements.find(({ name }) => path.startsWith(name));
      assert.ok(defined);
      // Contained authors of an example are to be referred to.
      const before = (resources.get(type)?.[path] ?? []) as readonly object[];
      const naming = (reference: string): Resource => ({
        ...resources.get(type),
        [path]: defined.max === '*' ? [...before, at(OWN), at(reference)] : at(reference),
      });
      await assertRefused(people.doctor, naming(OTHER), `${type}.${path}`);
      await assertTaken(people.doctor, naming(OWN));
      await assertTaken(people.ehr, naming(OTHER));
    });
  }

  const nested: readonly (readonly [string, (reference: string) => Resource])[] = [
    [
      'Composition.attester.party',
      (of) => composition({ attester: [{ mode: 'legal', party: at(of) }] }),
    ],
    [
      'Composition.section.author',
      (of) => composition({ section: [{ title: 'x', text, author: [at(of)] }] }),
    ],
    [
      'Composition.section.author',
      (of) =>
        composition({
          section: [{ title: 'x', section: [{ title: 'y', text, author: [at(of)] }] }],
        }),
    ],
    [
      'ServiceRequest.note.authorReference',
      (of) => order(at(OWN), { note: [{ authorReference: at(of), text: 'x' }] }),
    ],
    [
      'Provenance.signature.who',
      (of) => ({
        ...provenance({ who: at(OWN) }),
        signature: [{ type: [{ code: 'x' }], when: '2026-01-02T03:04:05Z', who: at(of) }],
      }),
    ],
    ['Provenance.agent.who', (of) => provenance({ who: at(OWN) }, { who: at(of) })],
    ['Provenance.agent.onBehalfOf', (of) => provenance({ who: at(OWN), onBehalfOf: at(of) })],
    ['AuditEvent.agent.who', (of) => event({ requestor: true, who: at(of) })],
  ];
  for (const [element, naming] of nested) {
    it(`in ${element}, wherever it stands`, async () => {
      await assertRefused(people.doctor, naming(OTHER), element);
      await assertTaken(people.doctor, naming(OWN));
      await assertTaken(admin, naming(OTHER));
    });
  }

  it('by whatever form of a reference to this server', async () => {
    for (const reference of [
      ...[`${BASE}/${OTHER}`, `${OTHER}/_history/1`],
      ...[`${BASE.replace('127.0.0.1', 'LOCALHOST')}/${OTHER}`],
      ...[`${BASE.replace('http:', 'HTTPS:')}/${OTHER}`],
      ...['PractitionerRole/other', 'PractitionerRole/vacant', 'PractitionerRole/not-here'],
    ])
      await assertRefused(people.doctor, order(at(reference)), 'ServiceRequest.requester');
    for (const reference of [`${BASE}/${OWN}`, `${OWN}/_history/1`, 'PractitionerRole/own'])
      await assertTaken(people.doctor, order(at(reference)));
  });

  it('but of an organisation, and of whom this server does not know, as external referrers', async () => {
    for (const reference of [
      'Organization/pharmacy',
      'Practitioner/elsewhere',
      'https://a.test/Practitioner/1',
    ])
      await assertTaken(people.doctor, order(at(reference)));
    await assertTaken(people.doctor, order({ display: 'Dr. B' }));
  });

  it('and documents freely what others do, are asked to do, or take part in', async () => {
    await assertTaken(people.doctor, {
      ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject },
      performer: [at(OTHER)],
    });
    await assertTaken(people.doctor, order(at(OWN), { performer: [at(OTHER)] }));
    await assertTaken(people.doctor, {
      ...{ resourceType: 'Task', status: 'requested', intent: 'order', for: subject },
      ...{ requester: at(OWN), owner: at(OTHER) },
    });
    await assertTaken(people.doctor, {
      ...{ resourceType: 'MedicationStatement', status: 'active', subject },
      ...{ medicationCodeableConcept: { text: 'x' }, informationSource: subject },
    });
    await assertTaken(people.doctor, event({ requestor: false, who: at(OTHER) }));
  });
});

const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };

describe('a name that stood there before', () => {
  const ordered = (requester: string, more: object = {}): Resource =>
    order(at(requester), { id: 'ordered', ...more });
  const json = { 'content-type': 'application/json-patch+json' };

  it('stays when another changes the rest, in whatever interaction', async () => {
    await send('PUT', 'ServiceRequest/ordered', ordered(OTHER));
    const updated = await ask(
      people.doctor,
      'PUT',
      'ServiceRequest/ordered',
      ordered(OTHER, { priority: 'stat' }),
    );
    assert.equal(updated.status, 200, updated.text);
    const status = [{ op: 'replace', path: '/status', value: 'on-hold' }];
    const patched = await ask(people.doctor, 'PATCH', 'ServiceRequest/ordered', status, json);
    assert.equal(patched.status, 200, patched.text);
  });

  it('is not put there, nor moved, by a change', async () => {
    await send('PUT', 'ServiceRequest/ordered', ordered(OWN));
    const requester = [{ op: 'replace', path: '/requester/reference', value: OTHER }];
    const note = { note: [{ authorReference: at(OTHER), text: 'x' }] };
    const transaction = `{"resourceType":"Bundle","type":"transaction","entry":[${entry(
      'PUT',
      'ServiceRequest/ordered',
      ordered(OTHER),
    )}]}`;
    for (const refused of [
      await ask(people.doctor, 'PUT', 'ServiceRequest/ordered', ordered(OTHER)),
      await ask(people.doctor, 'PUT', 'ServiceRequest?_id=ordered', ordered(OTHER)),
      await ask(people.doctor, 'PATCH', 'ServiceRequest/ordered', requester, json),
      await ask(people.doctor, 'POST', '', transaction),
    ])
      assert.equal(refused.status, 403, refused.text);
    await send('PUT', 'ServiceRequest/ordered', ordered(OTHER));
    const moved = await ask(people.doctor, 'PUT', 'ServiceRequest/ordered', ordered(OTHER, note));
    assert.equal(moved.status, 403, moved.text);
  });

  it('is no longer there after a deletion', async () => {
    await send('PUT', 'ServiceRequest/ordered', ordered(OTHER));
    await send('DELETE', 'ServiceRequest/ordered', undefined);
    const again = await ask(people.doctor, 'PUT', 'ServiceRequest/ordered', ordered(OTHER));
    assert.equal(again.status, 403, again.text);
  });
});

describe('an agent of a record', () => {
  it('is no patient, relative or device, whether or not there is one', async () => {
    for (const reference of ['Patient/a', 'Patient/none', 'RelatedPerson/none', 'Device/none']) {
      await assertRefused(
        people.doctor,
        provenance({ who: at(reference) }),
        'Provenance.agent.who',
      );
      await assertTaken(people.ehr, provenance({ who: at(reference) }));
    }
  });

  it('may be the patient who writes, and no doctor of theirs', async () => {
    await assertTaken(people.patientA, provenance({ who: at('Patient/a') }));
    await assertRefused(people.patientA, provenance({ who: at(OWN) }), 'Provenance.agent.who');
    await assertRefused(
      people.patientA,
      provenance({ who: at('Patient/b') }),
      'Provenance.agent.who',
    );
  });

  it('in X-Provenance is the caller too', async () => {
    const along = (reference: string) => {
      const header = { ...provenance({ who: at(reference) }), target: undefined };
      return ask(people.doctor, 'POST', 'ServiceRequest', order(at(OWN)), {
        'x-provenance': JSON.stringify(header),
      });
    };
    const refused = await along(OTHER);
    assert.equal(refused.status, 403, refused.text);
    assert.match(
      refused.text,
      /X-Provenance.*Provenance\.agent\.who names Practitioner\/other-doctor/,
    );
    assert.equal((await along(OWN)).status, 201);
  });

  it('is nobody of ours where a system of another organisation writes', async () => {
    const laboratory: Caller = { ...people.ehr, organization: 'Organization/lab', msp: 'LabMSP' };
    const action = [{ coding: [{ system: CONSENT_ACTION, code: 'collect' }] }];
    const provision = { type: 'permit', actor: actor('Organization/lab'), action };
    const permitted = await send('PUT', 'Consent/lab', consent('lab', 'a', provision));
    assert.equal(permitted.status, 201, permitted.text);
    for (const who of [OTHER, OWN, 'Patient/a'])
      await assertRefused(laboratory, provenance({ who: at(who) }), 'Provenance.agent.who');
    await assertRefused(laboratory, order(at(OWN)), 'ServiceRequest.requester');
    for (const who of ['Organization/lab', 'Practitioner/technician', 'Device/analyser'])
      await assertTaken(laboratory, provenance({ who: at(who) }));
  });
});
