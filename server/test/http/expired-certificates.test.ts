import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import Fastify from 'fastify';
import { FhirError } from '../../src/fhir/errors.ts';
import { handleErrors } from '../../src/http/error-handler.ts';

const EXPIRED = 'server.hospital identity (/certificate.pem) expired at 2026-01-01T00:00:00.000Z';

async function failWith(code: 'unavailable' | 'exception', expired: readonly string[]) {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (l) => void lines.push(l) } } });
  handleErrors(app, () => expired);
  app.get('/', () => {
    throw new FhirError(code, 'It cannot be answered now');
  });
  const { statusCode, body } = await app.inject('/');
  return { statusCode, body, log: lines.map((line) => JSON.parse(line) as { expired?: string[] }) };
}

describe('a certificate that has expired', () => {
  it('is named in the log line of a 503 and not in the answer', async () => {
    const { statusCode, body, log } = await failWith('unavailable', [EXPIRED]);
    assert.equal(statusCode, 503);
    assert.deepEqual(
      log.map(({ expired }) => expired),
      [[EXPIRED]],
    );
    assert.ok(!body.includes('certificate'));
  });

  it('is not named where it is not the cause, and nothing is where none has', async () => {
    const failed = await failWith('exception', [EXPIRED]);
    assert.deepEqual([failed.statusCode, failed.log[0]?.expired], [500, undefined]);
    const unavailable = await failWith('unavailable', []);
    assert.deepEqual([unavailable.statusCode, unavailable.log[0]?.expired], [503, undefined]);
  });
});
