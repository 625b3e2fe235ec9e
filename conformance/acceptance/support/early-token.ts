import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './clone.ts';
import { token } from './fhir-client.ts';

const file = join(root, '.cache', 'acceptance-early-token');

/** Keeps a token from the beginning of the run, so that a really expired one is there at its end. */
export async function keepEarlyToken(): Promise<void> {
  writeFileSync(file, await token('system'), { mode: 0o600 });
}

export function earlyToken(): { readonly value: string; readonly expires: number } {
  const value = readFileSync(file, 'utf8');
  const claims = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  return { value, expires: claims.exp * 1000 };
}
