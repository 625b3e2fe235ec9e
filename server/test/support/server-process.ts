import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareFolder, prepareKeys, signer, type Caller } from './app.ts';
import { freeAddress } from './free-address.ts';

const program = new URL('../../src/server.ts', import.meta.url).pathname;

/** A server in a process of its own, over the embedded ledger unless told otherwise, that can be killed and started again on its data. */
export interface ServerProcess {
  start(): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  ask(
    caller: Caller,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    more?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  /** Value of a metric; of one with labels, `name` goes on with them. */
  metric(name: string): Promise<number>;
  remove(): Promise<void>;
}

export async function serverProcess(
  environment: Record<string, string> = {},
  log?: (text: string) => void,
): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'server-'));
  const prepared = prepareFolder(folder);
  const { port } = await freeAddress();
  const address = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let sign: Awaited<ReturnType<typeof signer>> | undefined;

  const kill = async (): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    start: async () => {
      await prepareKeys(folder);
      child = spawn(process.execPath, [program], {
        env: {
          ...prepared,
          CHARTSEAL_LOG_LEVEL: 'error',
          PORT: String(port),
          // What tokens are made for.
          CHARTSEAL_PUBLIC_URL: 'http://127.0.0.1:8080',
          ...environment,
        },
        // What fails inside is worth reading.
        stdio: ['ignore', log === undefined ? 'inherit' : 'pipe', 'inherit'],
      });
      if (log !== undefined) child.stdout?.on('data', (chunk: Buffer) => log(chunk.toString()));
      for (let i = 0; ; i += 1) {
        const ready = await fetch(`${address}/readyz`).catch(() => undefined);
        if (ready?.status === 200) break;
        if (i > 1200 || child.exitCode !== null) throw new Error('the server does not start');
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      sign ??= await signer(folder);
    },
    kill,
    ask: async (caller, method, path, { body, headers } = {}) => {
      const response = await fetch(`${address}/fhir/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${(await sign?.(caller)) ?? ''}`,
          ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      return { status: response.status, text, headers: response.headers };
    },
    metric: async (name) => {
      const text = await (await fetch(`${address}/metrics`)).text();
      return Number(new RegExp(`^${RegExp.escape(name)} (\\S+)$`, 'm').exec(text)?.[1]);
    },
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true });
    },
  };
}
