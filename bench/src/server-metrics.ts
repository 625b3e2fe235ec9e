/** A scrape of a server's /metrics: the samples by name with their labels, as Prometheus writes them. */
export type Samples = ReadonlyMap<string, number>;

export async function scrape(fhir: string): Promise<Samples> {
  const text = await (await fetch(new URL('/metrics', fhir))).text();
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/i.exec(line);
    if (match?.[1] !== undefined) samples.set(match[1], Number(match[2]));
  }
  return samples;
}

export function increase(name: string, before: Samples, after: Samples): number {
  return (after.get(name) ?? 0) - (before.get(name) ?? 0);
}

/** Upper bound of the histogram's bucket in which the quantile of what was added lies; undefined when nothing was. */
export function quantileOf(
  name: string,
  quantile: number,
  samples: { readonly before: Samples; readonly after: Samples },
): number | undefined {
  const total = increase(`${name}_count`, samples.before, samples.after);
  if (total === 0) return undefined;
  const bounds: { readonly bound: number; readonly count: number }[] = [];
  for (const sample of samples.after.keys()) {
    const bound = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\}$`).exec(sample)?.[1];
    if (bound === undefined) continue;
    const count = increase(sample, samples.before, samples.after);
    bounds.push({ bound: bound === '+Inf' ? Infinity : Number(bound), count });
  }
  bounds.sort((a, b) => a.bound - b.bound);
  return bounds.find(({ count }) => count >= quantile * total)?.bound;
}

/** Waits until everything written is on the ledger. @throws Error after a minute */
export async function untilAnchored(fhir: string): Promise<Samples> {
  for (let waited = 0; waited < 60_000; waited += 100) {
    const samples = await scrape(fhir);
    if (samples.get('chartseal_leaf_backlog') === 0) return samples;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('leaves are still waiting for the ledger after a minute');
}
