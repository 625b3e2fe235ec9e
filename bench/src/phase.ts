import type { Answer, Ask, Client } from './client.ts';

/** One request with the check of its answer. */
export interface Task extends Ask {
  /** Undefined when the answer is right, else what is wrong with it. */
  readonly check: (answer: Answer) => string | undefined;
}

export interface PhaseResult {
  readonly name: string;
  readonly clients: number;
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests without a right answer, with the first few reasons. */
  readonly wrong: number;
  readonly reasons: readonly string[];
}

/** Keeps `clients` requests in flight for `seconds`; every client waits for its answer before it asks again. */
export async function runPhase(
  client: Client,
  name: string,
  load: {
    readonly clients: number;
    readonly seconds: number;
    readonly next: () => Task | undefined;
  },
): Promise<PhaseResult> {
  const times: number[] = [];
  const reasons: string[] = [];
  let wrong = 0;
  const began = performance.now();
  const end = began + load.seconds * 1000;
  const work = async (): Promise<void> => {
    for (;;) {
      const task = performance.now() < end ? load.next() : undefined;
      if (task === undefined) return;
      const asked = performance.now();
      const fault = await client.ask(task).then(
        (answer) => task.check(answer),
        (error: unknown) => String(error),
      );
      times.push(performance.now() - asked);
      if (fault === undefined) continue;
      wrong += 1;
      if (reasons.length < 3) reasons.push(`${task.method} ${task.path}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: load.clients }, work));
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    round(times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0, 1);
  return {
    name,
    clients: load.clients,
    requests: times.length,
    seconds: round(seconds, 2),
    perSecond: round(times.length / seconds, 1),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    wrong,
    reasons,
  };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
