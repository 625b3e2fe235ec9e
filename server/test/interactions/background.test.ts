import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.ts';
import { FhirError } from '../../src/fhir/errors.ts';
import { wholeReply } from '../../src/access/reply.ts';
import { Background } from '../../src/interactions/background/background.ts';
import { JobStore } from '../../src/interactions/background/job-store.ts';
import { ShownNotes } from '../../src/access/shown-notes.ts';
import type { Reply } from '../../src/access/reply.ts';
import type { Services } from '../../src/interactions/services.ts';
import type { WriteSet } from '../../src/store/store.ts';
import { people, type Caller } from '../support/app.ts';
import { serverProcess, type ServerProcess } from '../support/server-process.ts';

jest.setTimeout(60_000);

const KEEP = 100_000;

/** Several servers over the records of one store, and a clock of their own. */
function servers() {
  const records = new Map<string, Uint8Array>();
  const name = (collection: string, key: string) => `${collection}/${key}`;
  const store = {
    records: {
      record: (collection: string, key: string) =>
        Promise.resolve(records.get(name(collection, key))),
      records: (collection: string) =>
        Promise.resolve(
          new Map([...records].filter(([key]) => key.startsWith(name(collection, '')))),
        ),
      newsOf: () => Promise.reject(new Error('nobody asks for news')),
    },
    write: (set: WriteSet) => {
      for (const { collection, key, value } of set.records ?? []) {
        if (value === undefined) records.delete(name(collection, key));
        else records.set(name(collection, key), value);
      }
      return Promise.resolve();
    },
  };
  const time = { now: 1_000_000 };
  const start = (): Background =>
    new Background({
      base: 'http://x/fhir',
      jobs: new JobStore(store, randomBytes),
      shownNotes: new ShownNotes(),
      clock: () => time.now,
      random: randomBytes,
      keep: KEEP,
      failed: (error) => {
        throw error;
      },
    });
  return { records, time, start };
}

const principal = (client: string): Principal => ({
  client,
  subject: client,
  role: 'system',
  msp: 'M',
  organization: 'Organization/o',
  scopes: [],
  purposes: ['TREAT'],
  expires: 0,
});
/** An answer that shows nobody's data needs none of them. */
const services = {} as Services;
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const isCode = (code: string) => (error: unknown) =>
  error instanceof FhirError && error.code === code;

describe('the background', () => {
  it('keeps answers of any size, sealed, for a while', async () => {
    const { records, time, start } = servers();
    const first = start();
    const body = JSON.stringify({ resourceType: 'Basic', text: 'y'.repeat(9_000_000) });
    const ticket = await first.start(principal('a'), () => Promise.resolve({ status: 200, body }));
    await settled();
    first.stop();
    assert.ok([...records.keys()].filter((key) => key.startsWith('job-result/')).length > 1);
    for (const value of records.values()) {
      assert.ok(!Buffer.from(value).includes('yyyy'), 'nothing of it is readable in the store');
    }
    const second = start();
    const found = await second.poll(services, principal('a'), ticket);
    assert.ok('reply' in found);
    assert.ok(Buffer.from((await wholeReply(found.reply)).body ?? '').includes(body));
    await assert.rejects(second.poll(services, principal('b'), ticket), isCode('not-found'));
    time.now += KEEP;
    await assert.rejects(second.poll(services, principal('a'), ticket), isCode('not-found'));
    second.stop();
  });

  it('says so when the server that worked on it is gone', async () => {
    const { time, start } = servers();
    const dying = start();
    const ticket = await dying.start(principal('a'), () => new Promise<Reply>(() => undefined));
    dying.stop();
    const other = start();
    assert.deepEqual(await other.poll(services, principal('a'), ticket), {
      progress: 'under way for 0 s',
    });
    time.now += 30_000;
    await assert.rejects(other.poll(services, principal('a'), ticket), isCode('exception'));
    await assert.rejects(other.poll(services, principal('a'), ticket), isCode('not-found'));
    other.stop();
  });

  it('lets one caller have four under way, and others none the less', async () => {
    const { start } = servers();
    const background = start();
    const never = () => new Promise<Reply>(() => undefined);
    const tickets: string[] = [];
    for (let i = 0; i < 4; i += 1) tickets.push(await background.start(principal('a'), never));
    await assert.rejects(background.start(principal('a'), never), isCode('throttled'));
    await background.start(principal('b'), never);
    await background.cancel(principal('a'), tickets[0] ?? '');
    await background.start(principal('a'), never);
    background.stop();
  });
});

describe('an answer made in the background', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await serverProcess();
    await server.start();
  });
  afterAll(() => server.remove());
  const ask = (path: string, headers: Record<string, string> = {}, caller: Caller = people.ehr) =>
    server.ask(caller, 'GET', path, { headers });

  it('is there after kill -9', async () => {
    const patient = JSON.stringify({ resourceType: 'Patient', id: 'a' });
    await server.ask(people.ehr, 'PUT', 'Patient/a', { body: patient });
    const started = await ask('Patient/a/$everything', { prefer: 'respond-async' });
    const at = started.headers.get('content-location')?.split('/fhir/')[1] ?? '';
    for (let i = 0; (await ask(at)).status === 202; i += 1) assert.ok(i < 400);
    await server.kill();
    await server.start();
    const found = await ask(at);
    assert.equal(found.status, 200, found.text);
    assert.match(found.text, /"id":"a"/);
  });
});
