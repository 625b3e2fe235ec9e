import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { basic, waysToWrite } from '../support/ways-to-write.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
const { ask, send } = requestsOf(() => app);

type Resource = (id: string) => object;
const meta = { tag: [{ system: 'urn:t', code: 'old' }] };
const RECORDS: Readonly<Record<string, Resource>> = {
  AuditEvent: (id) => ({
    resourceType: 'AuditEvent',
    id,
    meta,
    type: { code: 'rest' },
    recorded: '2026-01-02T03:04:05Z',
    agent: [{ requestor: true, who: { display: 'somebody' } }],
    source: { observer: { display: 'here' } },
  }),
  Provenance: (id) => ({
    resourceType: 'Provenance',
    id,
    meta,
    recorded: '2026-01-02T03:04:05Z',
    target: [{ display: 'something' }],
    agent: [{ who: { display: 'somebody' } }],
  }),
};

const admin: Caller = { role: 'admin', scope: 'user/*.cruds', user: 'Practitioner/admin' };
const CALLERS: readonly [string, Caller][] = [
  ["the custodian's system", people.ehr],
  ["the custodian's administration", admin],
  ['a doctor', people.doctor],
];

const base64 = (value: object): string =>
  Buffer.from(JSON.stringify(value), 'utf8').toString('base64');
const PATCHES = [
  [{ op: 'replace', path: '/code/text', value: 'z' }],
  [{ op: 'replace', path: '/recorded', value: '2020-01-01T00:00:00Z' }],
] as const;

/** The ways to write a Basic as ways to write a record of the same id, by this caller. */
function about(type: string, id: string, caller: Caller): TestApp {
  const [ofBasic, ofRecord] = PATCHES;
  const pairs: readonly (readonly [string, string])[] = [
    [JSON.stringify(basic(id)), JSON.stringify(RECORDS[type]?.(id))],
    [base64(basic(id)), base64(RECORDS[type]?.(id) ?? {})],
    [JSON.stringify(ofBasic), JSON.stringify(ofRecord)],
    [base64(ofBasic), base64(ofRecord)],
    ['Basic?identifier=urn:example:b|', `${type}?_id=`],
    ['Basic/', `${type}/`],
  ];
  const rewrite = (text: string): string =>
    pairs.reduce((written, [from, to]) => written.replaceAll(from, to), text);
  return {
    ...app,
    ask: (_ehr, method, path, { body, ...more } = {}) => {
      const text = body === undefined ? {} : { body: rewrite(String(body)) };
      return app.ask(caller, method, rewrite(path), { ...more, ...text });
    },
  };
}

describe('a record is made, and stays', () => {
  for (const [type, resource] of Object.entries(RECORDS)) {
    for (const [who, caller] of CALLERS) {
      let made: TestApp;
      const ways = waysToWrite(() => made);
      for (const [i, { name, send: write }] of ways.entries()) {
        it(`${type}: for ${who}, ${name} is refused`, async () => {
          const id = `${caller.role}-${i}`;
          assert.equal((await send('PUT', `${type}/${id}`, resource(id))).status, 201);
          made = about(type, id, caller);
          const { status, text } = await write(id, {});
          assert.equal(status, 405, text);
          assert.match(text, new RegExp(`Every ${type} is a record`));
          const { json } = await ask(people.ehr, 'GET', `${type}/${id}/_history`);
          assert.equal(json()['total'], 1);
        });
      }

      it(`${type}: for ${who}, a new one is made by POST and by PUT`, async () => {
        const id = `${caller.role}-new`;
        const posted = await ask(caller, 'POST', type, resource('x'));
        assert.equal(posted.status, 201, posted.text);
        assert.equal((await ask(caller, 'PUT', `${type}/${id}`, resource(id))).status, 201);
        assert.equal((await ask(caller, 'PUT', `${type}/${id}`, resource(id))).status, 405);
      });
    }

    it(`${type}: whether one is there makes no difference to what can only change it`, async () => {
      await send('PUT', `${type}/there`, resource('there'));
      for (const [method, path, body] of [
        ['DELETE', '', undefined],
        ['PATCH', '', PATCHES[1]],
        ['POST', '/$meta-add', { resourceType: 'Parameters' }],
      ] as const) {
        const [there, none] = await Promise.all(
          ['there', 'none'].map((id) => ask(people.doctor, method, `${type}/${id}${path}`, body)),
        );
        assert.ok(there && none);
        assert.deepEqual([there.status, none.status], [405, 405], `${method} ${path}`);
        assert.equal(there.text, none.text);
      }
    });

    it(`${type}: the methods of its path and its entry in /metadata say so`, async () => {
      const refused = await ask(people.ehr, 'DELETE', `${type}/there`);
      assert.deepEqual(String(refused.headers['allow']).split(', ').sort(), [
        ...['GET', 'HEAD', 'OPTIONS', 'PUT'],
      ]);
      const { body } = await app.app.inject('/fhir/metadata');
      const { rest = [] } = JSON.parse(body) as CapabilityStatement;
      const entry = rest[0]?.resource?.find((each) => each.type === type);
      const codes = entry?.interaction?.map(({ code }) => code) ?? [];
      assert.deepEqual(
        ['create', 'update', 'patch', 'delete'].map((code) => codes.includes(code as 'patch')),
        [true, true, false, false],
      );
      assert.equal(entry?.conditionalDelete, 'not-supported');
      assert.equal(entry.conditionalUpdate, false);
      assert.match(entry.documentation ?? '', /is a record/);
      const names = entry.operation?.map(({ name }) => name) ?? [];
      assert.ok(names.includes('meta') && !names.includes('meta-add'));
    });
  }
});
