import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { demoData } from '../src/demo-data.ts';
import { seedDemoData } from '../src/seed.ts';

const signal = new AbortController().signal;

describe('the demonstration data', () => {
  const kept = new Map<string, string>();
  let server: Server;
  let fhir = '';
  let refuse = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url?.slice('/fhir/'.length) ?? '';
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.method === 'GET') response.statusCode = kept.has(path) ? 200 : 404;
        else if (path === refuse) response.statusCode = 422;
        else {
          response.statusCode = 201;
          kept.set(path, body);
        }
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    fhir = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  });
  afterAll(() => void server.close());

  it('is written once; only what is missing is written again', async () => {
    const total = demoData.flat().length;
    assert.equal(await seedDemoData({ fhir, token: 'x', signal }), total);
    assert.equal(kept.size, total);
    kept.set('Consent/demo-a-pharmacy', 'revoked by hand');
    kept.delete('Patient/demo-b');
    assert.equal(await seedDemoData({ fhir, token: 'x', signal }), 1);
    assert.equal(kept.get('Consent/demo-a-pharmacy'), 'revoked by hand');
  });

  it('names the resource that a server refuses', async () => {
    kept.clear();
    refuse = 'Patient/demo-a';
    await assert.rejects(
      seedDemoData({ fhir, token: 'x', signal }),
      /Patient\/demo-a answered 422/,
    );
  });

  it('refers only to what an earlier step has written', () => {
    const written = new Set<string>();
    for (const step of demoData) {
      for (const resource of step) {
        for (const [, reference] of JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g)) {
          assert.ok(written.has(reference ?? ''), `${resource.id} refers to ${reference ?? ''}`);
        }
      }
      for (const resource of step) written.add(`${resource.resourceType}/${resource.id}`);
    }
  });
});
