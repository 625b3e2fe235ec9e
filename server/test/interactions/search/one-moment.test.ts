import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Principal } from '../../../src/auth/principal.ts';
import { parseScopes } from '../../../src/auth/scopes.ts';
import { ConsentReplica } from '../../../src/consent/consent-replica.ts';
import { searchSeen } from '../../../src/interactions/search/search-seen.ts';
import type { Services } from '../../../src/interactions/services.ts';
import type { SearchQuery } from '../../../src/search/query.ts';
import type { Store } from '../../../src/store/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { r4 } from '../../support/r4.ts';
import { aVersion, token } from '../../support/store-samples.ts';

const HOSPITAL = 'Organization/hospital';
const doctor: Principal = {
  client: 'app',
  subject: 'doctor',
  role: 'practitioner',
  msp: 'HospitalMSP',
  organization: HOSPITAL,
  practitioner: 'Practitioner/doctor',
  scopes: parseScopes('user/*.rs'),
  purposes: ['TREAT'],
  expires: 0,
};

let folder: string;
let store: Store;

const write = (id: string, code: string): Promise<void> =>
  store.write({
    versions: [
      aVersion({
        id,
        patients: ['a'],
        body: Buffer.from(
          JSON.stringify({ resourceType: 'Observation', id, code: { coding: [{ code }] } }),
        ),
        index: [token('code', null, code)],
      }),
    ],
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'moment-'));
  store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  await write('1', 'open');
  await write('2', 'secret');
  await write('3', 'open');
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The staff of the hospital may see all of patient `a` but what has the code `secret`. */
function services(between: () => Promise<void>): Services {
  const replica = new ConsentReplica(store.records, {
    msp: 'HospitalMSP',
    reference: 'Organization/hospital',
  });
  replica.policy = { version: 1, implicit: 'basic-normal', organization: HOSPITAL };
  const provision = {
    type: 'permit',
    actors: [{ reference: 'Practitioner/doctor' }],
    exceptions: [{ type: 'deny', codes: [{ code: 'secret' }], exceptions: [] }],
  } as const;
  const consent = { id: 'Consent/a', version: 1, status: 'active', provision } as const;
  replica.hold('a', { salt: '', epoch: 1, set: { consents: [consent] } });
  const watched = {
    search: async (query: SearchQuery) => {
      const found = await store.versions.search(query);
      await between();
      return found;
    },
  };
  return {
    r4,
    store: { versions: watched },
    replica,
    clock: () => Date.parse('2026-01-01'),
    base: 'http://127.0.0.1/fhir',
    upkeep: { outdated: () => false },
  } as unknown as Services;
}

const all: SearchQuery = {
  type: 'Observation',
  filter: { op: 'and', all: [] },
  sort: [],
  count: 10,
  total: 'accurate',
};

describe('the questions of one search', () => {
  it('are of one moment, on a first page too', async () => {
    const quiet = await searchSeen(
      services(() => Promise.resolve()),
      doctor,
      all,
    );
    assert.deepEqual([quiet.total, quiet.matches.map(({ id }) => id)], [2, ['1', '3']]);
    for (const [i, count] of [10, 1, 0].entries()) {
      let turns = 0;
      const busy = services(() => write(`new-${i}-${(turns += 1)}`, 'secret'));
      const found = await searchSeen(busy, doctor, { ...all, count });
      assert.ok(turns >= 2);
      assert.deepEqual(
        [found.total, found.matches.map(({ id }) => id)],
        [2, ['1', '3'].slice(0, count)],
      );
    }
  });

  it('see what was there before', async () => {
    await write('4', 'open');
    const found = await searchSeen(
      services(() => Promise.resolve()),
      doctor,
      all,
    );
    assert.equal(found.total, 3);
  });
});
