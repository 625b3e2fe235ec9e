import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { ask, matches, outcomeOf, search } from './support/fhir-client.ts';

interface AuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly id: string;
  readonly outcome: string;
  readonly outcomeDesc: string;
  readonly subtype: readonly { readonly code: string }[];
  readonly agent: readonly {
    readonly type?: { readonly text: string };
    readonly who: { readonly reference: string };
  }[];
  readonly entity: readonly {
    readonly what?: { readonly reference: string };
    readonly detail?: readonly {
      readonly type: string;
      readonly valueBase64Binary?: string;
      readonly valueString?: string;
    }[];
  }[];
}

async function accessLog(patient: string): Promise<readonly AuditEvent[]> {
  const persona = patient === 'demo-a' ? 'patient' : 'other-patient';
  const bundle = await search(persona, `Patient/${patient}/$access-log`);
  return matches(bundle).filter(
    (each) => each.resourceType === 'AuditEvent',
  ) as unknown as AuditEvent[];
}

/** What one entry says, in the form `interaction role outcome`. */
function digest(event: AuditEvent): string {
  return [
    event.subtype[0]?.code,
    event.agent[0]?.type?.text,
    event.outcome === '0' ? 'permitted' : 'refused',
  ].join(' ');
}

function leafOf(event: AuditEvent): {
  readonly bytes: Buffer;
  readonly fields: { seq: number; prev?: string; kind: string };
} {
  const detail = event.entity[0]?.detail?.find((each) => each.type === 'leaf')?.valueBase64Binary;
  assert.ok(detail, 'every entry carries its leaf');
  const bytes = Buffer.from(detail, 'base64');
  return {
    bytes,
    fields: JSON.parse(bytes.toString()) as { seq: number; prev?: string; kind: string },
  };
}

describe("a patient's access log", () => {
  it('holds every read and every refusal, each once, in order', async () => {
    const before = (await accessLog('demo-a')).length;
    const acts: readonly (readonly [
      persona: string,
      path: string,
      status: number,
      logged: string,
    ])[] = [
      ['doctor', 'Patient/demo-a', 200, 'read practitioner permitted'],
      ['other-doctor', 'Patient/demo-a', 403, 'read practitioner refused'],
      ['pharmacist', 'MedicationRequest/demo-a-metformin', 200, 'read pharmacist permitted'],
      ['pharmacist', 'Observation/demo-a-glucose-1', 404, 'read pharmacist refused'],
      ['system', 'Observation/demo-a-glucose-1/_history/1', 200, 'vread system permitted'],
      ['system', 'Observation/demo-a-glucose-1/_history', 200, 'history-instance system permitted'],
      ['doctor', 'Observation?patient=demo-a&_count=1', 200, 'search-type practitioner permitted'],
      ['other-doctor', 'Observation?patient=demo-a', 403, 'search-type practitioner refused'],
      [
        'system',
        'Observation/demo-a-glucose-1/_history/1/$evidence',
        200,
        '$evidence system permitted',
      ],
      ['patient', 'Patient/demo-a', 200, 'read patient permitted'],
    ];
    for (const [persona, path, status] of acts) {
      const answer = await ask(persona, path);
      assert.equal(answer.status, status, `${persona} ${path}: ${answer.text}`);
    }
    const log = await accessLog('demo-a');
    assert.deepEqual(log.slice(before).map(digest), [
      ...acts.map(([, , , logged]) => logged),
      // Showing the log is an access too.
      '$access-log patient permitted',
    ]);
  });

  it('counts exactly: 40 concurrent reads make 40 entries', async () => {
    const before = (await accessLog('demo-b')).length;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_unused, i) =>
        ask(i % 2 === 0 ? 'doctor' : 'other-doctor', 'Patient/demo-b'),
      ),
    );
    assert.ok(answers.every((answer) => answer.status === 200));
    const added = (await accessLog('demo-b')).slice(before).map(digest);
    assert.equal(added.filter((entry) => entry === 'read practitioner permitted').length, 40);
    assert.equal(added.length, 41);
  });

  it('is a chain of leaves without gaps, each naming the hash of the one before', async () => {
    let previous: string | undefined;
    for (const [index, event] of (await accessLog('demo-a')).entries()) {
      const { bytes, fields } = leafOf(event);
      assert.equal(fields.seq, index);
      assert.equal(fields.prev, previous);
      assert.equal(fields.kind, event.outcome === '0' ? 'disclosure' : 'denial');
      previous = createHash('sha256').update(Buffer.of(0)).update(bytes).digest('hex');
    }
    assert.ok(previous, 'there were entries');
  });

  it('names who, which resource and which consent', async () => {
    assert.equal((await ask('pharmacist', 'MedicationRequest/demo-a-lisinopril')).status, 200);
    outcomeOf(await ask('other-doctor', 'Patient/demo-a'), 403);
    const log = await accessLog('demo-a');
    const [permitted, refused] = log.slice(-3);
    assert.match(permitted?.outcomeDesc ?? '', /Consent\/demo-a-pharmacy@\d+/);
    assert.ok(JSON.stringify(permitted?.agent).includes('Organization/pharmacy'));
    assert.ok(
      JSON.stringify(permitted?.entity).includes('MedicationRequest/demo-a-lisinopril/_history/1'),
    );
    assert.match(refused?.outcomeDesc ?? '', /Consent\/demo-a-other-doctor@\d+/);
    assert.equal(refused?.agent[0]?.who.reference, 'Practitioner/other-doctor');
  });

  it('is not shown to others', async () => {
    const asked = 'Patient/demo-a/$access-log';
    assert.equal((await ask('patient', asked)).status, 200);
    for (const persona of ['other-patient', 'pharmacist', 'insurer']) {
      outcomeOf(await ask(persona, asked), [403, 404]);
    }
  });
});
