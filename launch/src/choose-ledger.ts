import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchOptions } from './launch-plan.ts';

/**
 * The ledger that was asked for; where nothing was asked for, Fabric if it is built or can be.
 *
 * @throws Error when Fabric was asked for and cannot be built
 */
export function chooseLedger(
  root: string,
  wanted: { readonly ledger?: LaunchOptions['ledger'] },
  say: (line: string) => void,
): LaunchOptions['ledger'] {
  if (wanted.ledger === 'embedded') return 'embedded';
  const built = existsSync(join(root, 'network', '.cache', 'bin', 'peer'));
  if (built || spawnSync('go', ['version']).status === 0) return 'fabric';
  if (wanted.ledger === 'fabric') {
    throw new Error(
      'The Fabric network is built with Go, which is not installed: see https://go.dev/dl/',
    );
  }
  const rule = '*'.repeat(86);
  say(rule);
  say('Go is not installed, so there is NO FABRIC NETWORK: the embedded ledger takes its place.');
  say('It decides by the same contracts, but inside each server and signed by one local key, so');
  say('that nothing is proved about several organisations. For development only. With Go');
  say('installed (https://go.dev/dl/) the next start builds the real network.');
  say(rule);
  return 'embedded';
}
