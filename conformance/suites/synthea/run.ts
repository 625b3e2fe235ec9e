import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Bundle } from 'fhir/r4.js';
import { syntheaBundles } from '../synthea.ts';
import { withStack, type WholeStack } from '../whole-stack.ts';

const POPULATION = { patients: 200, years: 5, seed: 1 };
/** Seconds that the largest bundle may take, and bytes the server's memory may ever reach. */
const LONGEST = 120;
const LARGEST_MEMORY = 1.5e9;
const TOKEN_LIFE_MS = 120_000;

interface Taken {
  readonly name: string;
  readonly entries: number;
  readonly seconds: number;
}

/** Synthea's transaction bundles, unmodified, over a whole stack on Fabric: each is taken whole, in one pass. */
export async function runSyntheaSuite(): Promise<boolean> {
  const files = await syntheaBundles(POPULATION);
  return withStack({ name: 'synthea-stack', port: 18_680, ledger: 'fabric' }, async (stack) => {
    const target = new Target(stack);
    const before = await countAll(target, typesIn(files));
    const created = new Map<string, number>();
    const taken: Taken[] = [];
    for (const file of files) {
      const bytes = readFileSync(file);
      const entries = (JSON.parse(bytes.toString('utf8')) as Bundle).entry?.length ?? 0;
      const began = performance.now();
      const answer = await target.post(bytes);
      const seconds = (performance.now() - began) / 1000;
      const fault = faultOf(answer, entries);
      if (fault === undefined) {
        taken.push({ name: basename(file), entries, seconds });
        countCreated(answer.body, created);
      } else console.log(`FAIL  ${basename(file)}: ${fault}`);
      if (taken.length % 25 === 0) console.log(`${taken.length} of ${files.length} bundles taken`);
    }
    const after = await countAll(target, [...before.keys()]);
    const partial = [...after].filter(
      ([type, count]) => count !== (before.get(type) ?? 0) + (created.get(type) ?? 0),
    );
    for (const [type, count] of partial) {
      console.log(`FAIL  ${count} ${type} found, ${created.get(type) ?? 0} created`);
    }
    return passed(files, taken, peakMemory(stack)) && partial.length === 0;
  });
}

function passed(files: readonly string[], taken: readonly Taken[], memory: number): boolean {
  const entries = taken.reduce((sum, each) => sum + each.entries, 0);
  const seconds = taken.reduce((sum, each) => sum + each.seconds, 0);
  const longest = Math.max(...taken.map((each) => each.seconds));
  const largest = Math.max(...taken.map((each) => each.entries));
  console.log(
    `${taken.length} of ${files.length} bundles taken: ${entries} entries in ${seconds.toFixed(0)} s; ` +
      `the largest ${largest} entries, the slowest ${longest.toFixed(1)} s; ` +
      `the server's memory never above ${(memory / 1e6).toFixed(0)} MB`,
  );
  return taken.length === files.length && longest <= LONGEST && memory <= LARGEST_MEMORY;
}

/** Bytes of the hospital's server at its largest. */
function peakMemory({ data }: WholeStack): number {
  const record = readFileSync(join(data, 'run', 'server.hospital.json'), 'utf8');
  const { pid } = JSON.parse(record) as { readonly pid: number };
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function typesIn(files: readonly string[]): readonly string[] {
  const types = new Set<string>();
  for (const file of files) {
    const { entry = [] } = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
    for (const { resource } of entry) if (resource !== undefined) types.add(resource.resourceType);
  }
  return [...types].sort();
}

async function countAll(
  target: Target,
  types: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, await target.count(type));
  return counts;
}

interface Answered {
  readonly status: number;
  readonly body: Bundle;
}

class Target {
  readonly #stack: WholeStack;
  #token = { value: '', at: -Infinity };

  constructor(stack: WholeStack) {
    this.#stack = stack;
  }

  async post(bytes: Uint8Array<ArrayBuffer>): Promise<Answered> {
    const response = await fetch(this.#stack.hospital, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/fhir+json' },
      body: bytes,
    });
    return { status: response.status, body: (await response.json()) as Bundle };
  }

  async count(type: string): Promise<number> {
    const url = `${this.#stack.hospital}/${type}?_summary=count`;
    const response = await fetch(url, { headers: this.#headers() });
    return ((await response.json()) as Bundle).total ?? -1;
  }

  #headers(): Record<string, string> {
    if (performance.now() - this.#token.at > TOKEN_LIFE_MS) {
      this.#token = { value: this.#stack.token('system'), at: performance.now() };
    }
    return { authorization: `Bearer ${this.#token.value}` };
  }
}

function faultOf({ status, body }: Answered, entries: number): string | undefined {
  if (status !== 200) return `status ${status}: ${JSON.stringify(body).slice(0, 1000)}`;
  const answered = body.entry ?? [];
  if (answered.length !== entries) return `${answered.length} of ${entries} entries answered`;
  const odd = answered.find(({ response }) => !/^20[01]\b/.test(response?.status ?? ''));
  return odd === undefined ? undefined : `an entry was answered ${odd.response?.status ?? ''}`;
}

function countCreated(body: Bundle, types: Map<string, number>): void {
  for (const { response } of body.entry ?? []) {
    if (response?.status.startsWith('201') !== true) continue;
    const type = /([A-Za-z]+)\/[^/]+\/_history\/1$/.exec(response.location ?? '')?.[1] ?? '?';
    types.set(type, (types.get(type) ?? 0) + 1);
  }
}
