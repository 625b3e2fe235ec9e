import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type Answer, type Caller, type TestApp } from './app.ts';

/** Says what is asked for: `[method, path]`, and what is sent along. */
export type Asked = readonly [
  method: Parameters<TestApp['ask']>[1],
  path: string,
  resource?: object | undefined,
];

export interface SeveralServers {
  readonly servers: readonly TestApp[];
  /** A request at one of them, by its number. */
  readonly ask: (at: number, caller: Caller, asked: Asked) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** Whole servers of one organisation over one MongoDB and one embedded ledger, which accept each other's tokens. */
export async function startSeveralServers(count: number, url: string): Promise<SeveralServers> {
  const shared = mkdtempSync(join(tmpdir(), 'several-'));
  const servers: TestApp[] = [];
  for (let i = 0; i < count; i += 1) {
    servers.push(
      await startApp({
        CHARTSEAL_STORE: url,
        CHARTSEAL_LEDGER: `embedded:${join(shared, 'ledger')}`,
        // The keys are those that the first one brought along.
        ...(i > 0 && { CHARTSEAL_KEYS: mkdtempSync(join(shared, 'keys-')) }),
      }),
    );
  }
  const [first] = servers;
  if (first === undefined) throw new Error('there is at least one server');
  return {
    servers,
    ask: async (at, caller, [method, path, resource]) => {
      const response = await servers[at]!.app.inject({
        method,
        url: `/fhir/${path}`,
        headers: {
          authorization: `Bearer ${await first.token(caller)}`,
          ...(resource !== undefined && { 'content-type': 'application/fhir+json' }),
        },
        ...(resource !== undefined && { payload: JSON.stringify(resource) }),
      });
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.body,
        json: () => JSON.parse(response.body) as Record<string, unknown>,
      };
    },
    close: async () => {
      for (const server of servers) await server.close();
      rmSync(shared, { recursive: true });
    },
  };
}
