import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { CapabilityStatement, OperationDefinition, SearchParameter } from 'fhir/r4.js';
import { loadR4 } from '../../src/r4/r4.ts';
import { BASE, people, startApp, type Answer, type TestApp } from '../support/app.ts';

const official = dirname(
  createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'),
);
const officialOf = (type: string): readonly unknown[] =>
  globSync(`${type}-*.json`, { cwd: official }).map(
    (name) => JSON.parse(readFileSync(join(official, name), 'utf8')) as unknown,
  );

const r4 = loadR4(join(import.meta.dirname, '..', '..', 'definitions'), { base: BASE });

let app: TestApp;
let statement: CapabilityStatement;
beforeAll(async () => {
  app = await startApp();
  statement = JSON.parse((await app.app.inject('/fhir/metadata')).body) as CapabilityStatement;
});
afterAll(() => app.close());

type Method = Parameters<TestApp['ask']>[1];
const ask = (method: Method, path: string, body?: object): Promise<Answer> =>
  app.ask(people.ehr, method, path, body === undefined ? {} : { body: JSON.stringify(body) });

/** Whether there is something to answer at all: nothing says so in its own words, whatever the resource. */
function isOffered({ status, text }: Answer): boolean {
  return status !== 405 && status !== 501 && !text.includes('There is nothing at');
}

const resources = () => statement.rest?.[0]?.resource ?? [];

/** One request of an interaction of http://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
const REQUESTS: Readonly<Record<string, (type: string) => Promise<Answer>>> = {
  read: (type) => ask('GET', `${type}/none`),
  vread: (type) => ask('GET', `${type}/none/_history/1`),
  update: (type) => ask('PUT', `${type}/none`, { resourceType: 'Nothing' }),
  patch: (type) => ask('PATCH', `${type}/none`, { resourceType: 'Parameters' }),
  delete: (type) => ask('DELETE', `${type}/none`),
  'history-instance': (type) => ask('GET', `${type}/none/_history`),
  'history-type': (type) => ask('GET', `${type}/_history`),
  create: (type) => ask('POST', type, { resourceType: 'Nothing' }),
  'search-type': (type) => ask('GET', `${type}?_count=1`),
};

describe('the CapabilityStatement', () => {
  it('lists exactly the interactions that are answered, for every type', async () => {
    assert.equal(resources().length, 146);
    for (const { type, interaction = [] } of resources()) {
      const listed = new Set<string>(interaction.map(({ code }) => code));
      for (const [code, request] of Object.entries(REQUESTS)) {
        const answer = await request(type);
        assert.equal(isOffered(answer), listed.has(code), `${type} ${code}: ${answer.text}`);
        assert.ok(answer.status < 500, `${type} ${code}: ${answer.text}`);
      }
    }
  });

  it('lists exactly the system interactions that are answered', async () => {
    const listed = new Set<string>(statement.rest?.[0]?.interaction?.map(({ code }) => code));
    const bundle = (type: string) => ask('POST', '', { resourceType: 'Bundle', type });
    assert.deepEqual(
      {
        batch: (await bundle('batch')).status === 200,
        transaction: (await bundle('transaction')).status === 200,
        'search-system': isOffered(await ask('GET', '?_type=Basic&_count=1')),
        'history-system': isOffered(await ask('GET', '_history?_count=1')),
      },
      {
        batch: listed.has('batch'),
        transaction: listed.has('transaction'),
        'search-system': listed.has('search-system'),
        'history-system': listed.has('history-system'),
      },
    );
  });

  it('lists exactly the operations that are answered, of R4 and our own', async () => {
    const known = officialOf('OperationDefinition') as readonly OperationDefinition[];
    assert.ok(known.length >= 40);
    const atAll = new Set((statement.rest?.[0]?.operation ?? []).map(({ name }) => name));
    const wrong: string[] = [];
    for (const definition of known) {
      const { code, system, resource = [] } = definition;
      if (system && isOffered(await ask('GET', `$${code}`)) !== atAll.has(code)) {
        wrong.push(`$${code}`);
      }
      for (const { type, operation = [] } of resources()) {
        if (!resource.includes(type) && !resource.includes('Resource')) continue;
        const listed = operation.some(({ name }) => name === code);
        const answers = [];
        for (const path of pathsOf(definition, type))
          answers.push(await ask('GET', path), await ask('POST', path, {}));
        if (answers.some(isOffered) !== listed) wrong.push(`${type}: $${code}`);
        if (answers.some(({ status }) => status >= 500)) wrong.push(`${type}: $${code} fails`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('lists exactly the search parameters that are taken', () => {
    const defined = officialOf('SearchParameter') as readonly SearchParameter[];
    assert.ok(defined.length > 1_300);
    const codes = new Set(defined.map(({ code }) => code));
    const wrong: string[] = [];
    for (const { type, searchParam = [] } of resources()) {
      const listed = new Set(searchParam.map(({ name }) => name));
      for (const code of [...codes, 'nonsense']) {
        if (code.startsWith('_')) continue;
        const taken = isTaken(type, code);
        if (taken !== listed.has(code)) wrong.push(`${type}?${code}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('lists exactly the formats and patch formats that are understood', async () => {
    const { format, patchFormat = [] } = statement;
    const token = await app.token(people.ehr);
    for (const accept of ['application/fhir+json', 'application/fhir+xml', 'text/turtle']) {
      const headers = { authorization: `Bearer ${token}`, accept };
      const { statusCode } = await app.app.inject({ url: '/fhir/Basic', headers });
      assert.equal(statusCode === 200, format.includes(accept), accept);
    }
    const patches = [
      'application/json-patch+json',
      'application/fhir+json',
      'application/fhir+xml',
      'application/merge-patch+json',
      'application/xml-patch+xml',
    ];
    for (const type of patches) {
      const { statusCode } = await app.app.inject({
        method: 'PATCH',
        url: '/fhir/Basic/none',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        payload: 'x',
      });
      assert.equal(statusCode !== 415, patchFormat.includes(type), `${type}: ${statusCode}`);
    }
  });
});

function pathsOf({ code, type: ofType, instance }: OperationDefinition, type: string): string[] {
  return [...(ofType ? [`${type}/$${code}`] : []), ...(instance ? [`${type}/none/$${code}`] : [])];
}

/** Asked of the parser itself, since it is asked a hundred thousand times; a value may be wrong, a parameter may not. */
function isTaken(type: string, code: string): boolean {
  try {
    r4.parseSearch(type, [[code, '1']], { handling: 'strict', base: BASE });
    return true;
  } catch (error) {
    return !/is no search parameter|this server does not/.test((error as Error).message);
  }
}
