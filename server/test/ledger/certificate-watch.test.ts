import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { CertificateWatch, type CertificateSource } from '../../src/ledger/certificate-watch.ts';
import { createMetrics } from '../../src/metrics.ts';
import { END, newCredential } from '../support/credentials.ts';
import { inFolder } from '../support/ledger-samples.ts';
import { stopTimers } from '../support/stopped-clock.ts';

const DAY = 86_400_000;
const OWN = { name: 'own', path: '/own.pem', pem: newCredential().certificate };

/** The same certificate with its end in another year: nobody checks its signature here. */
function endingIn(year: string): Buffer {
  const der = new X509Certificate(OWN.pem).raw.toString('latin1');
  return Buffer.from(der.replace('450101000000Z', `${year}0101000000Z`), 'latin1');
}

const nothing = () => Promise.resolve<CertificateSource | undefined>(undefined);

function watching(certificates: readonly CertificateSource[], start: number, shown = nothing) {
  const lines: string[] = [];
  const write = (level: string) => (facts: object, message: string) =>
    void lines.push(`${level} ${(facts as { certificate: string }).certificate}: ${message}`);
  const clock = { now: start };
  const watch = new CertificateWatch({
    certificates,
    shown,
    now: () => clock.now,
    log: { warn: write('warn'), error: write('error') },
  });
  return { lines, clock, watch };
}

describe('the watch over certificates', () => {
  it('is silent while there are more than 30 days, and warns from then on', async () => {
    for (const [before, expected] of [
      [31 * DAY, []],
      [30 * DAY, ['warn own: a certificate expires in 30 days; renew it']],
      [DAY / 2, ['warn own: a certificate expires in 0 days; renew it']],
      [0, ['error own: a certificate has expired; renew it']],
    ] as const) {
      const { lines, watch } = watching([OWN], END - before);
      await watch.start();
      watch.stop();
      assert.deepEqual(lines, expected);
    }
  });

  it('tells once a day, and at once when the certificate ends', async () => {
    const timers = stopTimers();
    try {
      const { lines, clock, watch } = watching([OWN], END - 1.5 * DAY);
      await watch.start();
      const pass = async (ms: number) => {
        clock.now += ms;
        timers.pass(ms);
        await new Promise((resolve) => setImmediate(resolve));
      };
      for (let hour = 0; hour < 23; hour += 1) await pass(DAY / 24);
      assert.equal(lines.length, 1);
      await pass(DAY / 24);
      assert.equal(lines.length, 2);
      for (let hour = 0; hour < 12; hour += 1) await pass(DAY / 24);
      await pass(2);
      assert.deepEqual(lines.slice(2), ['error own: a certificate has expired; renew it']);
      watch.stop();
    } finally {
      timers.release();
    }
  });

  it('asks the peer each hour, and each minute while something is due or was renewed', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'certificate.pem');
      writeFileSync(path, endingIn('44'));
      const timers = stopTimers();
      let asked = 0;
      const shown = () => {
        asked += 1;
        return nothing();
      };
      const { clock, watch } = watching([{ name: 'file', path }], END - 500 * DAY, shown);
      const minutes = async (count: number) => {
        const before = asked;
        for (let minute = 0; minute < count; minute += 1) {
          clock.now += 60_000;
          timers.pass(60_000);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return asked - before;
      };
      try {
        await watch.start();
        assert.equal(await minutes(180), 3, 'nothing is due');
        writeFileSync(path, OWN.pem);
        const renewed = await minutes(60);
        assert.ok(renewed >= 59, `${renewed} times in the hour after a renewal`);
        assert.equal(await minutes(180), 3, 'nothing changes any more');
        clock.now = END - 29 * DAY;
        assert.equal(await minutes(10), 10, 'it is due');
        clock.now = END;
        assert.equal(await minutes(10), 10, 'it has ended');
      } finally {
        watch.stop();
        timers.release();
      }
    });
  });

  it('names what has expired with its path and end, and nothing else', () => {
    const { clock, watch } = watching([OWN], END - 1);
    assert.deepEqual(watch.expired(), []);
    clock.now = END;
    assert.deepEqual(watch.expired(), ['own (/own.pem) expired at 2045-01-01T00:00:00.000Z']);
  });

  it('sees a file that was replaced, and says once that one cannot be read', async () => {
    await inFolder((folder) => {
      const path = join(folder, 'certificate.pem');
      const { lines, clock, watch } = watching([{ name: 'file', path }], END);
      assert.deepEqual(watch.ends(), []);
      clock.now += 2_000;
      assert.deepEqual(watch.ends(), []);
      assert.deepEqual(lines, ['warn file: a certificate is unreadable']);
      writeFileSync(path, OWN.pem);
      clock.now += 2_000;
      assert.deepEqual(watch.ends(), [{ certificate: 'file', path, expires: END }]);
      return Promise.resolve();
    });
  });

  it('gives metrics the seconds that are left', async () => {
    const metrics = createMetrics({ backlog: () => Promise.resolve(0) });
    metrics.certificates({
      ends: () => [{ certificate: 'own', expires: 90_000 }],
      now: () => 100_000,
    });
    assert.match(
      await metrics.registry.metrics(),
      /^chartseal_certificate_expiry_seconds\{certificate="own"\} -10$/m,
    );
  });
});
