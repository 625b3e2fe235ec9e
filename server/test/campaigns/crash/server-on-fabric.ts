import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerProcess } from '../../support/server-process.ts';
import type { WholeStack } from '@chartseal/conformance/whole-stack';

const TOKEN_LIFE_MS = 120_000;

/** The hospital's server of a whole stack: killed by its process id, started again as the README says. */
export function serverOnFabric(stack: WholeStack, root: string): ServerProcess {
  let token = { value: '', at: -Infinity };
  const { origin } = new URL(stack.hospital);
  const pid = (): number => {
    const record = readFileSync(join(stack.data, 'run', 'server.hospital.json'), 'utf8');
    return (JSON.parse(record) as { readonly pid: number }).pid;
  };
  const isReady = async (): Promise<boolean> => {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };
  return {
    start: async () => {
      if (await isReady()) return;
      execFileSync('npm', ['run', '--silent', 'revive', '--', '--data', stack.data], { cwd: root });
      await until(isReady);
    },
    kill: async () => {
      const killed = pid();
      process.kill(killed, 'SIGKILL');
      await until(() => Promise.resolve(!isAlive(killed)));
    },
    ask: async (_caller, method, path, { body, headers } = {}) => {
      if (performance.now() - token.at > TOKEN_LIFE_MS) {
        token = { value: stack.token('system'), at: performance.now() };
      }
      const response = await fetch(`${stack.hospital}/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token.value}`,
          ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
          ...headers,
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      return { status: response.status, text, headers: response.headers };
    },
    metric: async (name) => {
      const text = await (await fetch(`${origin}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    },
    remove: () => Promise.resolve(),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i += 1) {
    if (i > 1200) throw new Error('the server does not come back');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
