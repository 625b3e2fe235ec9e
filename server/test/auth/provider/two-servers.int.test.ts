import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { openMongoState } from '../../../src/auth/provider/state/mongo/mongo-state.ts';
import { createTokenVerifier } from '../../../src/auth/token.ts';
import {
  assertion,
  requestToken,
  startAuthority,
  type Answer,
  type Authority,
} from '../support/authority.ts';
import { authorizeUrl, Browser, redeem, verifier } from '../support/login.ts';
import { startReplicaSet } from '../../support/mongod.ts';

const ISSUER = 'http://127.0.0.1:1/auth';

describe('two servers of one organisation on one MongoDB', () => {
  let mongod: MongoMemoryReplSet;
  let one: Authority;
  let two: Authority;
  beforeAll(async () => {
    mongod = await startReplicaSet();
    const url = mongod.getUri('shared');
    const start = () =>
      startAuthority({
        issuer: ISSUER,
        open: () => openMongoState(url, Date.now),
      });
    // At the same moment, and for the first time.
    [one, two] = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
    await mongod.stop();
  });

  const tokenAt = async (server: Authority, jti: string = randomUUID()): Promise<Answer> =>
    requestToken(server.address, await assertion(ISSUER, { claims: { jti } }));

  /** The same server as its own clients' helpers reach it. */
  const at = (server: Authority): Authority => ({ ...server, issuer: server.address });

  /** Logs in at a server, of which the browser's next pages may come from the other. */
  async function code(secret: string, server: Authority, next: Authority): Promise<string> {
    const browser = new Browser();
    const start = await browser.get(authorizeUrl(at(server), secret));
    const page = new URL(start.headers.get('location') ?? '', ISSUER);
    const login = `${next.address}${page.pathname.slice('/auth'.length)}`;
    assert.match((await browser.get(login)).body['text'] as string, /Development login/);
    const answer = await browser.post(login, {
      login: 'patient',
      scope: ['patient/*.rs', 'launch/patient'],
      answer: 'allow',
    });
    const resume = new URL(answer.headers.get('location') ?? '', ISSUER);
    const done = await browser.get(`${server.address}${resume.pathname.slice('/auth'.length)}`);
    const end = new URL(done.headers.get('location') ?? 'about:blank');
    return end.searchParams.get('code') ?? '';
  }

  it('publish the same keys', async () => {
    const [a, b] = await Promise.all(
      [one, two].map(async ({ address }) => (await fetch(`${address}/jwks`)).json()),
    );
    assert.deepEqual(a, b);
    assert.equal((a as { keys: unknown[] }).keys.length, 2);
    assert.deepEqual(one.provider.publicKeys, two.provider.publicKeys);
  });

  it('accept each other’s tokens', async () => {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const answer = await tokenAt(from);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const verifying = createTokenVerifier({
        issuer: ISSUER,
        audience: to.audience,
        keys: { jwks: to.provider.publicKeys },
        clock: Date.now,
      });
      const principal = await verifying.verify(`Bearer ${String(answer.body['access_token'])}`);
      assert.equal(principal.client, 'pharmacy-system');
    }
  });

  it('take an assertion once between them', async () => {
    for (const [first, second] of [
      [one, two],
      [two, one],
    ] as const) {
      const jti = randomUUID();
      assert.equal((await tokenAt(first, jti)).status, 200);
      const again = await tokenAt(second, jti);
      assert.deepEqual([again.status, again.body['error']], [401, 'invalid_client']);
      assert.equal((await tokenAt(second)).status, 200);
    }
  });

  it('let exactly one of twenty simultaneous replays through', async () => {
    const signed = await assertion(ISSUER);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => requestToken((i % 2 ? one : two).address, signed)),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 401).length, 19);
  });

  it('carry on each other’s logins, and redeem each other’s codes, once', async () => {
    for (const [first, second] of [
      [one, two],
      [two, one],
    ] as const) {
      const secret = verifier();
      const form = { code: await code(secret, first, second), code_verifier: secret };
      const answer = await redeem(at(second), form);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(decodeJwt(String(answer.body['access_token'])).sub, 'patient');
      const again = await redeem(at(first), form);
      assert.deepEqual([again.status, again.body['error']], [400, 'invalid_grant']);
    }
  });

  it('let exactly one of both redeem a code in a race', async () => {
    for (let round = 0; round < 8; round += 1) {
      const secret = verifier();
      const form = { code: await code(secret, one, one), code_verifier: secret };
      const answers = await Promise.all([one, two, one, two].map((each) => redeem(at(each), form)));
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 400, 400, 400], JSON.stringify(answers));
    }
    assert.deepEqual([...one.faults, ...two.faults], []);
  });

  it('know of each other’s keys after a restart', async () => {
    const { publicKeys } = one.provider;
    await one.restart();
    assert.deepEqual(one.provider.publicKeys, publicKeys);
  });
});
