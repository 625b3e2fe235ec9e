import assert from 'node:assert/strict';
import fc from 'fast-check';
import { people, type Caller, type TestApp } from './app.ts';
import { actor, consent, entriesOf, patient, putsTo } from './clinical-samples.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const TYPES = 'http://hl7.org/fhir/resource-types';
const LOINC = 'http://loinc.org';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const PATIENTS = ['a', 'b', 'c', 'd'];
const CODES = ['8867-4', '8302-2', '29463-7'];

const code = (system: string) => (value: string) => ({ system, code: value });
const label = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('L', 'N', 'R', 'V').map(code(CONFIDENTIALITY)) },
  { weight: 1, arbitrary: fc.constantFrom('PSY', 'ETH', 'ETHUD').map(code(ACT)) },
  { weight: 1, arbitrary: fc.constantFrom({ code: 'R' }, { code: 'PSY' }) },
);
const meta = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc.array(label, { minLength: 1, maxLength: 2 }).map((security) => ({ meta: { security } })),
);
const loinc = fc.constantFrom(...CODES).map((value) => ({ coding: [code(LOINC)(value)] }));
const someone = fc.constantFrom(...PATIENTS).map((id) => ({ reference: `Patient/${id}` }));
const day = fc.constantFrom('2018', '2019-05-01', '2020-02-29T10:00:00Z');
const to = (reference: string) => ({ reference });

const observations = fc.array(
  fc.tuple(meta, loinc, someone, someone, day, fc.boolean(), fc.nat(5)).map((each) => {
    const [labels, of, subject, performer, when, isLab, member] = each;
    return {
      ...labels,
      resourceType: 'Observation',
      status: 'final',
      category: [{ coding: [code(CATEGORY)(isLab ? 'laboratory' : 'vital-signs')] }],
      code: of,
      subject,
      effectiveDateTime: when,
      hasMember: [to(`Observation/o${member}`)],
      // Of several patients, by the performer.
      ...(member < 2 ? { performer: [performer] } : {}),
    };
  }),
  { minLength: 14, maxLength: 14 },
);
const documents = fc.array(
  fc.tuple(meta, someone, loinc).map(([labels, subject, type]) => ({
    ...labels,
    resourceType: 'DocumentReference',
    status: 'current',
    type,
    subject,
    content: [{ attachment: { title: 'x' } }],
  })),
  { minLength: 6, maxLength: 6 },
);

const criteria = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 2 }).map((all) => ({
    securityLabel: all.filter((one) => 'system' in one),
  })),
  loinc.map((one) => ({ code: [one] })),
  fc.constantFrom({ start: '2019-01-01' }, { end: '2019-12-31' }).map((dataPeriod) => ({
    dataPeriod,
  })),
  fc
    .tuple(fc.constantFrom('instance', 'related', 'authoredby'), fc.nat(5), someone)
    .map(([meaning, of, author]) => ({
      data: [{ meaning, reference: meaning === 'authoredby' ? author : to(`Observation/o${of}`) }],
    })),
  fc.constantFrom('Observation', 'DocumentReference', 'Binary').map((type) => ({
    class: [code(TYPES)(type)],
  })),
  fc.constant({}),
);
const grantee = fc.constantFrom('Organization/pharmacy', 'Practitioner/doctor');
const effect = fc.constantFrom('permit', 'deny');
const provision = fc
  .tuple(effect, grantee, criteria, effect, criteria)
  .map(([type, who, root, inner, nested]) => ({
    type,
    actor: actor(who),
    ...tidy(root),
    provision: [{ type: inner, ...tidy(nested) }],
  }));

/** A list of nothing is no criterion. */
function tidy(from: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(from).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );
}

const world = fc.record({
  observations,
  documents,
  consents: fc.array(fc.option(provision), { minLength: 3, maxLength: 3 }),
});

const callers: readonly Caller[] = [
  people.doctor,
  people.pharmacist,
  people.ehr,
  people.patientA,
  { ...people.doctor, scope: 'patient/*.rs', patient: 'a' },
  { ...people.doctor, scope: 'user/Observation.rs?category=laboratory user/Patient.rs' },
  { ...people.doctor, scope: 'user/Observation.rs?status=final user/DocumentReference.rs' },
  { ...people.pharmacist, purposes: ['HRESCH'] },
];

const question = fc.record({
  caller: fc.constantFrom(...callers),
  query: fc.constantFrom(
    ...['Observation?', 'DocumentReference?', 'Binary?', 'Patient?'],
    ...CODES.map((value) => `Observation?code=${value}`),
    ...[
      'Observation?_sort=-date',
      'Observation?_sort=patient.birthdate',
      'Observation?date=ge2019',
    ],
    ...PATIENTS.map((id) => `Observation?patient=${id}`),
    ...['Observation?patient.family=b', 'Observation?has-member.code=8867-4'],
    'Observation?_has:Observation:has-member:code=8302-2',
    'Patient?_has:Observation:patient:code=8867-4',
    'Patient?_has:DocumentReference:patient:type=8302-2&_sort=-birthdate',
    ...[
      '?_type=Observation,Patient,Binary',
      '?',
      '?_lastUpdated=gt2000',
      '?_type=DocumentReference',
    ],
    ...['Patient/a/Observation?', 'Patient/b/*?', 'Observation?code:not=8867-4'],
  ),
  count: fc.constantFrom(1, 2, 3, 50),
});

/**
 * Makes worlds of resources and consents at random, and asks as different callers: each total is the number of what the
 * pages show, no page but the last is short, and a search of a type shows what single reads show.
 *
 * @returns how many were shown, and how many refused to a read
 */
export async function checkCounts(
  server: TestApp,
  {
    seed,
    worlds,
    queries,
  }: { readonly seed: number; readonly worlds: number; readonly queries: number },
): Promise<{ readonly shown: number; readonly refused: number }> {
  let shown = 0;
  let refused = 0;
  for (const [i, one] of fc.sample(world, { seed, numRuns: worlds }).entries()) {
    await fill(server, one);
    for (const asked of fc.sample(question, { seed: seed + i + 1, numRuns: queries })) {
      const counted = await countOf(server, asked);
      if (counted === undefined) continue;
      const { ids, totals, full } = await pagesOf(server, asked);
      const about = `${asked.caller.role} ${asked.caller.scope} ${asked.query} ${asked.count}`;
      assert.deepEqual(totals, new Set([ids.length]), about);
      assert.equal(counted, ids.length, about);
      assert.ok(full, `a page is not full: ${about}`);
      assert.equal(new Set(ids).size, ids.length, about);
      shown += ids.length;
    }
    refused += await compareWithReads(server);
  }
  return { shown, refused };
}

async function fill(
  server: TestApp,
  { observations: all, documents: some, consents }: World,
): Promise<void> {
  const put = putsTo(() => server);
  const consentOf = (i: number, id: string) =>
    consent(`of-${id}`, id, consents[i] ?? { type: 'permit' });
  for (const [i, id] of PATIENTS.entries()) {
    // Nobody changes what a consent hides from him, so that those of the world before go first.
    await put({ ...consentOf(i, id), status: 'inactive' });
    await put({ ...patient(id, `b${id}`), birthDate: `19${70 + i}-01-01` });
  }
  for (const [i, one] of all.entries()) await put({ ...one, id: `o${i}` });
  for (const [i, one] of some.entries()) {
    await put({ ...one, id: `d${i}` });
    await put({
      resourceType: 'Binary',
      id: `x${i}`,
      contentType: 'text/plain',
      data: 'eA==',
      securityContext: to(`DocumentReference/d${i}`),
    });
  }
  // What a context becomes counts, not what it was.
  for (const [i, one] of some.toReversed().entries()) {
    if (i % 2 === 0) await put({ ...one, id: `d${i}` });
  }
  for (const [i, id] of PATIENTS.entries()) if (consents[i] !== null) await put(consentOf(i, id));
}

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** undefined: the caller may not ask this at all. */
async function countOf(server: TestApp, { caller, query }: Question): Promise<number | undefined> {
  const answer = await server.ask(caller, 'GET', `${query}&_summary=count`.replace('?&', '?'));
  if (answer.status === 403) return undefined;
  assert.equal(answer.status, 200, answer.text);
  return answer.json()['total'] as number;
}

async function pagesOf(server: TestApp, { caller, query, count }: Question) {
  const ids: string[] = [];
  const totals = new Set<unknown>();
  let full = true;
  let path: string | undefined = `${query}&_total=accurate&_count=${count}`.replace('?&', '?');
  while (path !== undefined) {
    const answer = await server.ask(caller, 'GET', path);
    assert.equal(answer.status, 200, answer.text);
    const found = entriesOf(answer).filter(({ search }) => search?.mode === 'match');
    ids.push(...found.map(({ resource }) => `${resource.resourceType}/${resource.id}`));
    totals.add(answer.json()['total']);
    path = /"relation":"next","url":"[^"]*?\/fhir\/?([^"]+)"/.exec(answer.text)?.[1];
    if (path !== undefined && found.length < count) full = false;
  }
  return { ids, totals, full };
}

/** A search of a type shows what each read shows. @returns how many are refused */
async function compareWithReads(server: TestApp): Promise<number> {
  let refused = 0;
  for (const caller of callers) {
    for (const [type, ids] of [
      ['Observation', Array.from({ length: 14 }, (_, i) => `o${i}`)],
      ['DocumentReference', Array.from({ length: 6 }, (_, i) => `d${i}`)],
    ] as const) {
      const answer = await server.ask(caller, 'GET', `${type}?_count=100`);
      if (answer.status === 403) continue;
      const found = entriesOf(answer).map(({ resource }) => resource.id);
      const readable: string[] = [];
      for (const id of ids) {
        const read = await server.ask(caller, 'GET', `${type}/${id}`);
        if (read.status === 200) readable.push(id);
        else refused += 1;
      }
      assert.deepEqual(found.sort(), readable.sort(), `${caller.role} ${caller.scope} ${type}`);
    }
  }
  return refused;
}
