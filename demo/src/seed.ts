import { demoData } from './demo-data.ts';
import type { DemoResource } from './resource-builders.ts';

export interface SeedOptions {
  /** Base of the hospital's FHIR interface. */
  readonly fhir: string;
  /** Bearer token of the hospital's own system. */
  readonly token: string;
  readonly signal: AbortSignal;
}

/**
 * Writes through the FHIR interface what is missing of the demonstration's data. What exists or was deleted
 * by hand stays as it is, so that a revoked consent is still revoked after a restart.
 *
 * @returns the number of resources written
 * @throws Error with the server's answer when one is refused
 */
export async function seedDemoData(options: SeedOptions): Promise<number> {
  let written = 0;
  for (const step of demoData) {
    const results = await Promise.all(step.map((resource) => writeIfMissing(options, resource)));
    written += results.filter(Boolean).length;
  }
  return written;
}

async function writeIfMissing(options: SeedOptions, resource: DemoResource): Promise<boolean> {
  const url = `${options.fhir}/${resource.resourceType}/${resource.id}`;
  const found = await request(options, url, {});
  if (found.status === 200 || found.status === 410) return false;
  if (found.status !== 404) throw await refusal(found, url);
  const answer = await request(options, url, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  });
  if (answer.status !== 201) throw await refusal(answer, url);
  return true;
}

function request(
  { token, signal }: SeedOptions,
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Response> {
  return fetch(url, {
    ...init,
    headers: { ...init.headers, authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });
}

async function refusal(response: Response, url: string): Promise<Error> {
  return new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 600)}`);
}
