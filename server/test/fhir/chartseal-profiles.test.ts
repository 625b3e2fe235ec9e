import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import type { AuditEvent, Bundle, CapabilityStatement, Resource, ValueSet } from 'fhir/r4.js';
import { compileProfiles, type PackageFiles } from '../../scripts/profiles/compile.ts';
import type { Issue } from '../../src/fhir/errors.ts';
import { loadR4, type R4 } from '../../src/r4/r4.ts';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';

jest.setTimeout(240_000);

const root = join(import.meta.dirname, '..', '..', '..', 'fhir-profiles');
const folder = join(root, 'package');
const definitions = join(import.meta.dirname, '..', '..', 'definitions');
const site = 'https://chartseal.example.org/fhir';
const base = `${site}/StructureDefinition`;

const load = (packages: readonly string[]): R4 =>
  loadR4(definitions, { base: 'http://127.0.0.1:8080/fhir', packages });
const read = (name: string): Resource =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Resource;
const examples = readdirSync(folder).filter(
  (name) => !/^(StructureDefinition|CodeSystem|ValueSet|ImplementationGuide|package)/.test(name),
);
const claiming = (profile: string, resource: object): object => ({
  ...resource,
  meta: { profile: [`${base}/${profile}`] },
});
const errors = (issues: readonly Issue[]): readonly Issue[] =>
  issues.filter(({ severity }) => severity === 'error');

describe('fhir-profiles', () => {
  it('compile without errors and warnings to what is in fhir-profiles/package', async () => {
    const { files, findings } = await compileProfiles(root);
    assert.deepEqual(findings, []);
    const kept = new Map(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    assert.deepEqual(sorted(kept), sorted(files), '`npm run profiles` brings them up to date');
  });

  it('mean the same with whole definitions', async () => {
    const { files } = await compileProfiles(root, { snapshots: true });
    const whole = mkdtempSync(join(tmpdir(), 'profiles-'));
    try {
      for (const [name, text] of files) writeFileSync(join(whole, name), text);
      const [short, long] = [load([folder]), load([whole])];
      for (const name of examples) {
        for (const resource of [read(name), ...damaged(read(name))]) {
          assert.deepEqual(
            errors(short.review(resource)).map(({ expression }) => expression),
            errors(long.review(resource)).map(({ expression }) => expression),
            name,
          );
        }
      }
    } finally {
      rmSync(whole, { recursive: true });
    }
  });

  describe('as the server loads them', () => {
    const r4 = load([folder]);

    it('have examples for each profile, which are valid', () => {
      const profiles = readdirSync(folder).filter((name) => name.includes('-chartseal-'));
      const shown = new Set(examples.flatMap((name) => read(name).meta?.profile ?? []));
      assert.equal(profiles.length, 5);
      assert.equal(shown.size, 5);
      for (const name of examples) assert.deepEqual(errors(r4.review(read(name))), [], name);
    });

    it('bind to codes that exist, and to no more than R4 binds to', () => {
      for (const name of readdirSync(folder).filter((one) => one.startsWith('ValueSet-'))) {
        const { url = '' } = read(name) as ValueSet;
        for (const { system, code } of r4.terminology.expand(url).entries) {
          const known = r4.terminology.codeSystem(system)?.find(code);
          assert.notEqual(known, undefined, `${name}: ${system}|${code}`);
        }
      }
      const outcomes = r4.terminology.expand(`${site}/ValueSet/access-outcomes`).entries;
      const base = 'http://hl7.org/fhir/ValueSet/audit-event-outcome';
      assert.deepEqual(
        outcomes.map((one) => r4.terminology.contains(base, one).kind),
        ['in', 'in'],
      );
    });

    for (const [name, of, change] of [
      ['a Consent to treatment', 'Consent-pharmacy-may-read', { scope: scope('treatment') }],
      ['a Consent without a patient', 'Consent-pharmacy-may-read', { patient: undefined }],
      ['rules that are not understood', 'Consent-pharmacy-may-read', { implicitRules: 'urn:x' }],
      ['another base rule', 'Consent-doctor-may', { policyRule: { text: 'as agreed' } }],
      ['an unverified Consent', 'Consent-doctor-may', { verification: [{ verified: false }] }],
      [
        'a target that is no version',
        'Provenance-',
        { target: [{ reference: 'MedicationRequest/amoxicillin' }] },
      ],
      ['a failure that is neither', 'AuditEvent-', { outcome: '4' }],
      ['an access to nobody', 'AuditEvent-', { entity: undefined }],
      ['a prescription by nobody', 'MedicationRequest-', { requester: undefined }],
      ['a prescription for a group', 'MedicationRequest-', { subject: { reference: 'Group/1' } }],
      ['a dispense of nothing', 'MedicationDispense-', { authorizingPrescription: undefined }],
      ['a dispense at no time', 'MedicationDispense-', { whenHandedOver: undefined }],
      ['evidence without a hash', 'MedicationDispense-', { authorizingPrescription: unproved() }],
    ] as const) {
      it(`refuse ${name}`, () => {
        const file = examples.find((one) => one.startsWith(of)) ?? '';
        const changed = JSON.parse(JSON.stringify({ ...read(file), ...change })) as object;
        assert.deepEqual(errors(r4.review(read(file))), []);
        assert.notDeepEqual(errors(r4.review(changed)), []);
      });
    }
  });

  describe('and what the server makes', () => {
    let app: TestApp;
    const r4 = load([folder]);
    beforeAll(async () => {
      app = await startApp({ CHARTSEAL_PACKAGES: folder });
    });
    afterAll(() => app.close());

    it('says in /metadata which profiles it knows', async () => {
      const { json } = await app.ask(undefined, 'GET', 'metadata');
      const { rest } = json() as unknown as CapabilityStatement;
      const entry = rest?.[0]?.resource?.find(({ type }) => type === 'Consent');
      assert.deepEqual(entry?.supportedProfile, [`${base}/chartseal-consent`]);
    });

    it('takes the examples, and refuses what the profiles refuse', async () => {
      const put = (
        resource: object & { readonly id?: string | undefined },
        type: string,
      ): Promise<Answer> =>
        app.ask(people.ehr, 'PUT', `${type}/${resource.id ?? ''}`, {
          body: JSON.stringify(resource),
        });
      await put({ ...{ resourceType: 'Patient' }, id: 'demo-a' }, 'Patient');
      for (const name of examples.filter((one) => !one.startsWith('AuditEvent'))) {
        const example = read(name);
        const taken = await put(example, example.resourceType);
        assert.equal(taken.status, 201, `${name}: ${taken.text}`);
      }
      const dispensed = read('MedicationDispense-amoxicillin-dispensed.json');
      const refused = await put(
        Object.assign({ ...dispensed }, { whenHandedOver: undefined }),
        'MedicationDispense',
      );
      assert.equal(refused.status, 422);
      assert.match(refused.text, /cs-handed-over/);
    });

    it('AuditEvents of accesses and refusals are valid', async () => {
      const body = JSON.stringify({ resourceType: 'Patient', id: 'a' });
      await app.ask(people.ehr, 'PUT', 'Patient/a', { body });
      for (const [who, path, status] of [
        [people.doctor, 'Patient/a', 200],
        [people.doctor, 'Patient?_id=a', 200],
        [people.doctor, 'Patient/a/_history', 200],
        [people.patientB, 'Patient/a', 404],
        [people.pharmacist, 'Patient/a', 404],
      ] as const) {
        assert.equal((await app.ask(who, 'GET', path)).status, status, path);
      }
      const log = await app.ask(people.patientA, 'GET', 'Patient/a/$access-log');
      const events = (log.json() as unknown as Bundle).entry?.flatMap(({ resource }) =>
        isAuditEvent(resource) ? [resource] : [],
      );
      assert.ok((events?.length ?? 0) >= 6);
      for (const event of events ?? []) {
        assert.deepEqual(errors(r4.review(event)), []);
        assert.deepEqual(errors(r4.review(claiming('chartseal-audit-event', event))), []);
      }
      assert.deepEqual([...new Set(events?.map(({ outcome }) => outcome))].sort(), ['0', '8']);
    });

    it('a Provenance that came along is valid', async () => {
      const provenance = claiming('chartseal-provenance', {
        resourceType: 'Provenance',
        recorded: '2025-11-21T10:00:00Z',
        agent: [{ who: { reference: 'Practitioner/doctor' } }],
      });
      const made = await app.ask(people.ehr, 'POST', 'Organization', {
        body: JSON.stringify({ resourceType: 'Organization', name: 'Ward' }),
        headers: { 'x-provenance': JSON.stringify(provenance) },
      });
      assert.equal(made.status, 201, made.text);
      const found = await app.ask(people.ehr, 'GET', 'Provenance');
      const [entry] = (found.json() as unknown as Bundle).entry ?? [];
      assert.equal(entry?.resource?.resourceType, 'Provenance');
      assert.deepEqual(errors(r4.review(entry.resource)), []);
    });
  });
});

function isAuditEvent(resource: Resource | undefined): resource is AuditEvent {
  return resource?.resourceType === 'AuditEvent';
}

function scope(code: string): object {
  const system = 'http://terminology.hl7.org/CodeSystem/consentscope';
  return { coding: [{ system, code }] };
}

function unproved(): object {
  const extension = [{ url: 'log', valueString: 'HospitalMSP' }];
  return {
    reference: 'MedicationRequest/amoxicillin',
    extension: [{ url: `${base}/ledger-evidence`, extension }],
  };
}

/** The resource without each of its elements in turn. */
function damaged(resource: Resource): object[] {
  return Object.keys(resource)
    .filter((key) => !['resourceType', 'id', 'meta'].includes(key))
    .map((key) => Object.fromEntries(Object.entries(resource).filter(([other]) => other !== key)));
}

function sorted(files: PackageFiles): readonly (readonly [string, string])[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
