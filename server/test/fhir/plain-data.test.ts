import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { historyBundle, searchBundle } from '../../src/fhir/bundle.ts';
import { FhirError } from '../../src/fhir/errors.ts';
import type { FhirErrorCode } from '../../src/fhir/errors.ts';
import { formatEtag, namesVersion, parseTags } from '../../src/fhir/etag.ts';
import { parseHttpDate } from '../../src/fhir/http-date.ts';
import { instantOf, timeRange } from '../../src/fhir/instant.ts';
import { outcomeOf } from '../../src/fhir/outcome.ts';
import { parseReference, referenceTarget } from '../../src/fhir/reference.ts';
import { BASE, r4 } from '../support/r4.ts';

const iso = (milliseconds: number | undefined): string =>
  new Date(milliseconds ?? Number.NaN).toISOString();

describe('dates as ranges', () => {
  const table: readonly [string, string, string][] = [
    ['2024', '2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
    ['2024-12', '2024-12-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2024-02-29T23:30', '2024-02-29T23:30:00.000Z', '2024-02-29T23:31:00.000Z'],
    ['2024-02-29T23:30:01+02:00', '2024-02-29T21:30:01.000Z', '2024-02-29T21:30:02.000Z'],
    ['2024-02-29T23:30:01.5-05:30', '2024-03-01T05:00:01.500Z', '2024-03-01T05:00:01.600Z'],
    ['2024-01-01T00:00:00.123456Z', '2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.124Z'],
    ['0050', '0050-01-01T00:00:00.000Z', '0051-01-01T00:00:00.000Z'],
    ['1900-02-28', '1900-02-28T00:00:00.000Z', '1900-03-01T00:00:00.000Z'],
  ];
  for (const [text, from, to] of table) {
    it(text, () =>
      assert.deepEqual([iso(timeRange(text)?.from), iso(timeRange(text)?.to)], [from, to]),
    );
  }

  it('refuses what is no date', () => {
    const bad = [
      '',
      '24',
      '2024-13',
      '2024-00',
      '2023-02-29',
      '1900-02-29',
      '2024-04-31',
      '0000',
      '2024-1-1',
      '2024-01-01T24:00:00Z',
      '2024-01-01T10',
      '2024-01-01T10:60Z',
      '2024-01-01T10:00:61Z',
      '2024-01-01T10:00:00+15:00',
      '2024-01-01 10:00',
      '2024-01-01T10:00:00Z\n',
      '٢٠٢٤',
    ];
    for (const text of bad) assert.equal(timeRange(text), undefined, text);
    assert.equal(instantOf('2024-01-01'), undefined);
    assert.equal(iso(instantOf('2024-01-01T10:00:00Z')), '2024-01-01T10:00:00.000Z');
  });

  it('contains the instant that the text was made of', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
        fc.constantFrom(4, 7, 10, 24),
        (date, length) => {
          const range = timeRange(date.toISOString().slice(0, length));
          assert.ok(range && range.from <= date.getTime() && date.getTime() < range.to);
        },
      ),
    );
  });
});

describe('entity tags', () => {
  it('name a version, weak or strong, alone or in a list', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (version) => {
        for (const text of [
          formatEtag(version),
          `"${version}"`,
          `"x,y" ,W/"${version}"`,
          `, W/"0",, "${version}",`,
          '*',
        ]) {
          const tags = parseTags(text);
          assert.ok(tags !== undefined && namesVersion(tags, version), text);
          assert.ok(tags === '*' || !namesVersion(tags, version + 1), text);
        }
      }),
    );
  });

  it('of others name no version of ours', () => {
    for (const text of ['W/"0"', 'W/"01"', '"1a"', '""', '"W/"', '"é"', '"x", "+1"']) {
      const tags = parseTags(text);
      assert.ok(tags !== undefined, text);
      assert.equal(namesVersion(tags, 1), false, text);
    }
  });

  it('are read strictly', () => {
    for (const text of [
      ...['', ' ', ',', '1', 'W/1', 'w/"1"', 'W/ "1"', "'1'", '"1', '1"', 'rubbish', '**'],
      ...['W/"1" W/"2"', '"1""2"', '*, "1"', '"1", *', '"1", 2', '" 1"', '"1"\n', '"\u0100"'],
    ]) {
      assert.equal(parseTags(text), undefined, text);
    }
  });

  it('that are many are read in one go', () => {
    const before = performance.now();
    assert.equal(parseTags('"1" '.repeat(200_000)), undefined);
    assert.equal(parseTags(`${', '.repeat(200_000)}x`), undefined);
    assert.ok(performance.now() - before < 1_000);
  });
});

describe('dates of HTTP', () => {
  it('have three forms', () => {
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      assert.equal(iso(parseHttpDate(text)), '1994-11-06T08:49:37.000Z', text);
    }
    assert.equal(iso(parseHttpDate('Sunday, 06-Nov-39 08:49:37 GMT')), '2039-11-06T08:49:37.000Z');
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
        (date) => {
          const whole = Math.floor(date.getTime() / 1000) * 1000;
          assert.equal(parseHttpDate(date.toUTCString()), whole);
        },
      ),
    );
  });

  it('are no other texts', () => {
    for (const text of [
      ...['', '0', 'yesterday', '1994-11-06T08:49:37Z', '06 Nov 1994', 'Nov 6 1994'],
      ...['Sun, 31 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 24:49:37 GMT'],
      ...['Sun, 06 Nov 1994 08:49:37 +0200', 'Sun, 06 Nov 1994 08:49:37 GMT, x'],
    ]) {
      assert.equal(parseHttpDate(text), undefined, text);
    }
  });
});

describe('references', () => {
  it('are told apart', () => {
    assert.deepEqual(parseReference('Patient/a'), { kind: 'local', type: 'Patient', id: 'a' });
    assert.deepEqual(parseReference('Patient/a/_history/2'), {
      kind: 'local',
      type: 'Patient',
      id: 'a',
      version: '2',
    });
    assert.deepEqual(parseReference(`${BASE}/Patient/a`, BASE), {
      kind: 'local',
      type: 'Patient',
      id: 'a',
    });
    assert.deepEqual(parseReference('https://other.example/fhir/Patient/a', BASE), {
      kind: 'absolute',
      url: 'https://other.example/fhir/Patient/a',
      type: 'Patient',
    });
    assert.deepEqual(parseReference('urn:uuid:1'), { kind: 'absolute', url: 'urn:uuid:1' });
    assert.deepEqual(parseReference('#a'), { kind: 'contained', id: 'a' });
    assert.deepEqual(parseReference('Patient?identifier=1'), {
      kind: 'conditional',
      type: 'Patient',
      query: 'identifier=1',
    });
  });

  it('that look like ours and are not stay absolute', () => {
    for (const url of [
      `${BASE}x/Patient/a`,
      `${BASE}/Patient/a/b/c`,
      `http://evil.example/?${BASE}/Patient/a`,
    ]) {
      const parsed = parseReference(url, BASE);
      assert.equal(parsed?.kind, 'absolute', url);
      assert.equal(referenceTarget(url, BASE), url);
    }
    assert.equal(referenceTarget(`${BASE}/Patient/a`, BASE), 'Patient/a');
  });

  it('of any other relative form lead nowhere', () => {
    for (const url of ['Patient', 'Patient/', 'patient/a', '/Patient/a', 'Task/x/$accept?ac=1']) {
      assert.deepEqual(parseReference(url, BASE), { kind: 'relative', url });
      assert.equal(referenceTarget(url, BASE), undefined);
    }
  });

  it('of no form are none', () => {
    for (const text of ['', 'Patient/a b', 'Patient/a\n', 'x'.repeat(5000)]) {
      assert.equal(parseReference(text), undefined, text.slice(0, 20));
    }
  });
});

describe('outcomes', () => {
  const statuses: Readonly<Record<FhirErrorCode, number>> = {
    invalid: 400,
    structure: 400,
    'not-supported': 400,
    'too-costly': 400,
    login: 401,
    forbidden: 403,
    'not-found': 404,
    expired: 410,
    'unknown-type': 404,
    method: 405,
    'not-acceptable': 406,
    conflict: 409,
    deleted: 410,
    precondition: 412,
    'too-large': 413,
    'media-type': 415,
    unprocessable: 422,
    throttled: 429,
    exception: 500,
    unavailable: 503,
  };

  it('carry the status of their code and are valid OperationOutcomes', () => {
    for (const [code, status] of Object.entries(statuses)) {
      const made = outcomeOf(
        new FhirError(code as FhirErrorCode, 'what happened', { expression: 'Patient.id' }),
      );
      assert.equal(made.status, status, code);
      assert.deepEqual(r4.validate(made.outcome), [], code);
      assert.deepEqual(made.outcome.issue[0]?.expression, ['Patient.id']);
    }
  });

  it('show the findings of a validation', () => {
    const issues = r4.validate({ resourceType: 'Patient', gender: 'f', foo: 1 });
    const { status, outcome } = outcomeOf(new FhirError('unprocessable', 'not valid', { issues }));
    assert.equal(status, 422);
    assert.deepEqual(outcome.issue.map(({ expression }) => expression?.[0]).sort(), [
      'Patient.foo',
      'Patient.gender',
    ]);
  });

  it('show nothing of unknown errors', () => {
    for (const error of [
      new Error('password=1 at /srv/x.ts'),
      'password',
      { message: 'password' },
      null,
      undefined,
      7,
    ]) {
      const { status, outcome } = outcomeOf(error);
      assert.equal(status, 500);
      assert.ok(!/password|srv/.test(JSON.stringify(outcome)));
    }
  });
});

describe('bundles', () => {
  const body = Buffer.from('{"resourceType":"Patient" , "id":"a","multipleBirthInteger":1.00e0}');
  const version = {
    type: 'Patient',
    id: 'a',
    version: 2,
    deleted: false,
    lastUpdated: 0,
    method: 'PUT',
    body,
  } as const;
  const frame = { base: BASE, total: undefined, self: `${BASE}/Patient?name="x"`, next: undefined };

  it('hold the exact bytes of their resources', () => {
    const made = Buffer.from(
      searchBundle({ ...frame, total: 1, matches: [version, version], included: [], ignored: [] }),
    ).toString();
    assert.equal(made.split(body.toString()).length, 3);
    const bundle = JSON.parse(made) as {
      entry: { fullUrl: string }[];
      link: { url: string }[];
      total: number;
    };
    assert.equal(bundle.entry[0]?.fullUrl, `${BASE}/Patient/a`);
    assert.equal(bundle.link[0]?.url, frame.self);
    assert.equal(bundle.total, 1);
  });

  it('are valid when empty, with ignored parameters, pages and deletions', () => {
    const patient = {
      ...version,
      body: Buffer.from('{"resourceType":"Patient","id":"a","active":true}'),
    };
    const deleted = {
      ...version,
      version: 3,
      deleted: true,
      method: 'DELETE',
      body: new Uint8Array(),
    } as const;
    const self = `${BASE}/Patient`;
    const made = [
      searchBundle({ ...frame, self, matches: [], included: [], ignored: [] }),
      searchBundle({
        ...frame,
        self,
        next: `${self}?_cursor=x`,
        matches: [patient],
        included: [],
        ignored: [{ name: 'foo', reason: 'unknown' }],
      }),
      historyBundle({
        ...frame,
        self,
        total: 2,
        versions: [
          { ...deleted, created: false },
          { ...patient, created: false },
          { ...patient, version: 1, method: 'POST', created: true },
        ],
      }),
    ];
    for (const bytes of made) {
      const bundle = JSON.parse(Buffer.from(bytes).toString()) as unknown;
      assert.deepEqual(r4.validate(bundle), []);
    }
    const history = JSON.parse(Buffer.from(made[2]!).toString()) as {
      entry: { resource?: unknown; request: unknown; response: { status: string; etag: string } }[];
    };
    assert.deepEqual(
      history.entry.map(({ response }) => response.status),
      ['204', '200', '201'],
    );
    assert.equal(history.entry[0]?.resource, undefined);
    assert.deepEqual(history.entry[2]?.request, { method: 'POST', url: 'Patient' });
  });
});

describe('the capability statement', () => {
  const statement = r4.capability({
    date: '2026-01-01T00:00:00Z',
    ledger: 'embedded',
    organisation: 'hospital',
    smart: { issuer: 'http://127.0.0.1:8080/auth' },
    interactions: ['read', 'search-type'],
    systemInteractions: ['batch'],
    conditional: new Set(['read']),
    deletesSeveral: false,
    enforced: false,
    operations: [],
  });

  it('is valid and says which ledger is used', () => {
    assert.deepEqual(r4.validate(statement), []);
    assert.match(statement.implementation?.description ?? '', /embedded \(development only/);
    assert.equal(statement.rest?.[0]?.resource?.length, 146);
  });

  it('lists only includes that a search accepts, and those from the other side too', () => {
    const resources = statement.rest?.[0]?.resource ?? [];
    for (const { type, searchInclude = [], searchRevInclude = [] } of resources) {
      const pairs = [
        ...searchInclude.map((value): [string, string] => ['_include', value]),
        ...searchRevInclude.map((value): [string, string] => ['_revinclude', value]),
      ];
      for (const pair of pairs) {
        const search = r4.parseSearch(type, [pair], { handling: 'strict', base: BASE });
        assert.equal(search.includes.length, 1);
      }
    }
    const patient = resources.find(({ type }) => type === 'Patient');
    assert.ok(patient?.searchInclude?.includes('Patient:organization'));
    assert.ok(patient?.searchRevInclude?.includes('Observation:subject'));
    assert.ok(patient?.searchRevInclude?.includes('Provenance:target'));
    assert.ok(!patient?.searchRevInclude?.includes('Organization:partof'));
  });
});
