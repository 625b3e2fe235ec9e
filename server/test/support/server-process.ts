import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareFolder, prepareKeys, signer, type Caller } from './app.ts';
import { freeAddress } from './free-address.ts';

const program = new URL('../../src/server.ts', import.meta.url).pathname;

/** A server in a process of its own, over the embedded ledger unless told otherwise, that can be killed and started again on its data. */
export interface ServerProcess {
  start(): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** As this caller; no caller: without a token. */
  ask(
    caller: Caller | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    more?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  /** Value of a metric; of one with labels, `name` goes on with them. */
  metric(name: string): Promise<number>;
  remove(): Promise<void>;
}

/** One whose log is at hand. */
export interface LoggedProcess extends ServerProcess {
  /** The first line of its log that has all of `words`: a line may arrive after the answer it tells of, so five seconds are waited for it. */
  logged(...words: readonly string[]): Promise<string>;
  /** What its log holds by now. */
  log(): string;
}

export async function serverProcess(
  environment: Record<string, string> = {},
): Promise<LoggedProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'server-'));
  const prepared = prepareFolder(folder);
  const { port } = await freeAddress();
  const address = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let said = '';
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
        // Errors are passed on, since what fails inside is worth reading.
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (environment['CHARTSEAL_LOG_LEVEL'] === undefined) process.stdout.write(chunk);
      });
      for (let i = 0; ; i += 1) {
        const ready = await fetch(`${address}/readyz`).catch(() => undefined);
        if (ready?.status === 200) break;
        if (i > 1200 || child.exitCode !== null) throw new Error('the server does not start');
        await sleep(25);
      }
      sign ??= await signer(folder);
    },
    kill,
    ask: async (caller, method, path, { body, headers } = {}) => {
      const response = await fetch(`${address}/fhir/${path}`, {
        method,
        headers: {
          ...(caller && { authorization: `Bearer ${(await sign?.(caller)) ?? ''}` }),
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
    logged: async (...words) => {
      for (let i = 0; i < 200; i += 1) {
        const line = said
          .split('\n')
          .slice(0, -1)
          .find((each) => words.every((word) => each.includes(word)));
        if (line !== undefined) return line;
        await sleep(25);
      }
      throw new Error(`the log has no line with ${words.join(' and ')}:\n${said}`);
    },
    log: () => said,
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true });
    },
  };
}
