import assert from 'node:assert/strict';
import { people, type TestApp } from '../../support/app.ts';
import { actor, consent } from '../../support/clinical-samples.ts';
import type { AddTest } from '../at-length.ts';

const CLIENTS = 64;
const SYSTEM = 'urn:race';

/** Conditions under competition: 64 clients at once, each on the same many identifiers. */
export function itLetsOneWin(server: () => TestApp, identifiers: number, it: AddTest): void {
  const named = (i: number, run: string) => `${run}-${i}`;
  const which = (value: string) => `identifier=${SYSTEM}|${value}`;
  const resource = (type: string, value: string, more: object = {}) =>
    JSON.stringify({ resourceType: type, identifier: [{ system: SYSTEM, value }], ...more });
  const everyone = (act: (i: number, client: number) => Promise<void>): Promise<unknown> =>
    Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let i = 0; i < identifiers; i += 1) await act(i, client);
      }),
    );
  const count = async (type: string): Promise<number> => {
    const found = await server().ask(people.ehr, 'GET', `${type}?_summary=count`);
    return (found.json() as unknown as { total: number }).total;
  };

  it(`makes ${identifiers} resources of ${CLIENTS} × ${identifiers} conditional creates`, async () => {
    const before = await count('Organization');
    const ids = new Map<string, string>();
    let made = 0;
    await everyone(async (i) => {
      const value = named(i, 'create');
      const answer = await server().ask(people.ehr, 'POST', 'Organization', {
        body: resource('Organization', value),
        headers: { 'if-none-exist': which(value) },
      });
      assert.ok(answer.status === 200 || answer.status === 201, answer.text);
      made += answer.status === 201 ? 1 : 0;
      const id = String(answer.json()['id']);
      assert.equal(ids.get(value) ?? id, id, 'all are told of the same resource');
      ids.set(value, id);
    });
    assert.equal(made, identifiers);
    assert.equal((await count('Organization')) - before, identifiers);
  });

  it(`makes ${identifiers} resources of ${CLIENTS} × ${identifiers} conditional updates`, async () => {
    const before = await count('Location');
    const versions = new Map<string, Set<string>>();
    let made = 0;
    await everyone(async (i, client) => {
      const value = named(i, 'update');
      const answer = await server().ask(people.ehr, 'PUT', `Location?${which(value)}`, {
        body: resource('Location', value, { name: String(client) }),
      });
      assert.ok(answer.status === 200 || answer.status === 201, answer.text);
      made += answer.status === 201 ? 1 : 0;
      const seen = versions.get(value) ?? new Set();
      versions.set(value, seen.add(String(answer.headers['etag'])));
    });
    assert.equal(made, identifiers);
    assert.equal((await count('Location')) - before, identifiers);
    for (const seen of versions.values()) assert.equal(seen.size, CLIENTS, 'no update is lost');
  });

  it(`lets one of ${CLIENTS} win for each If-Match`, async () => {
    const id = 'if-match';
    const body = resource('Location', id, { id });
    assert.equal((await server().ask(people.ehr, 'PUT', `Location/${id}`, { body })).status, 201);
    const winners = new Map<number, number>();
    await everyone(async (i) => {
      // Whoever comes late for a version has lost it.
      const answer = await server().ask(people.ehr, 'PUT', `Location/${id}`, {
        body,
        headers: { 'if-match': `W/"${i + 1}"` },
      });
      assert.ok(answer.status === 200 || answer.status === 412, answer.text);
      if (answer.status === 200) winners.set(i + 1, (winners.get(i + 1) ?? 0) + 1);
    });
    assert.deepEqual([...new Set(winners.values())], [1]);
    const last = await server().ask(people.ehr, 'GET', `Location/${id}`);
    assert.equal(last.headers['etag'], `W/"${winners.size + 1}"`);
  });

  it(`lets one of ${CLIENTS} make what none has made, and the others overwrite nothing`, async () => {
    const made = new Map<number, number>();
    await everyone(async (i, client) => {
      const id = `none-${i}`;
      const answer = await server().ask(people.ehr, 'PUT', `Location/${id}`, {
        body: resource('Location', id, { id, name: String(client) }),
        headers: { 'if-none-match': '*' },
      });
      assert.ok(answer.status === 201 || answer.status === 412, answer.text);
      if (answer.status === 201) made.set(i, client);
    });
    assert.equal(made.size, identifiers);
    for (const [i, client] of made) {
      const left = await server().ask(people.ehr, 'GET', `Location/none-${i}`);
      assert.equal(left.headers['etag'], 'W/"1"');
      assert.equal(left.json()['name'], String(client));
    }
  });

  it('lets one of 16 make a Consent that none has made, and the ledger knows of no other', async () => {
    for (const id of ['race-a', 'race-b']) {
      await server().ask(people.ehr, 'PUT', `Patient/${id}`, {
        body: JSON.stringify({ resourceType: 'Patient', id }),
      });
    }
    const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
    const put = (id: string, of: string, headers: Record<string, string>) =>
      server().ask(people.ehr, 'PUT', `Consent/${id}`, {
        body: JSON.stringify(consent(id, of, permit)),
        headers,
      });
    // Of one patient, and of two: those do not wait for each other.
    for (const [id, patients] of [
      ['race-one', ['race-a']],
      ['race-two', ['race-a', 'race-b']],
    ] as const) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          put(id, patients[i % patients.length] ?? '', { 'if-none-match': '*' }),
        ),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [
        201,
        ...Array.from({ length: 15 }, () => 412),
      ]);
      const winner = answers.find(({ status }) => status === 201);
      const left = await server().ask(people.ehr, 'GET', `Consent/${id}`);
      assert.equal(left.text, winner?.text);
    }
    // Nothing is left under way of anybody's.
    for (const patient of ['race-a', 'race-b']) {
      assert.equal((await put(`after-${patient}`, patient, { 'if-none-match': '*' })).status, 201);
    }
  });
}
