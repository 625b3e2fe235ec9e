import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from '@jest/globals';
import { withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';

const writer = new URL('../support/store-writer.ts', import.meta.url).pathname;

/** Kills a process that writes, again and again, and looks at what it left. */
export function describeCrash(settle: () => Promise<StoreHome>): void {
  describe('kill -9', () => {
    it('loses nothing acknowledged and leaves no version without its leaf and record', () =>
      withHome(settle, async (home) => {
        const acknowledged = new Set<string>();
        for (const round of [1, 2, 3]) {
          for (const id of await writeUntilKilled(home, round, 150 * round)) acknowledged.add(id);
          await inspect(home, acknowledged);
        }
        assert.ok(acknowledged.size >= 900);
      }));
  });
}

async function writeUntilKilled(home: StoreHome, round: number, enough: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, JSON.stringify(home.opener), String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === enough) child.kill('SIGKILL');
  }
  assert.deepEqual(await gone, [null, 'SIGKILL']);
  return acknowledged;
}

async function inspect(home: StoreHome, acknowledged: ReadonlySet<string>): Promise<void> {
  const store = await home.open();
  const stored = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.versions.search({
      type: 'Observation',
      filter: { op: 'token', param: 'status', code: 'final' },
      sort: [],
      count: 200,
      total: 'none',
      ...(after !== undefined && { page: after }),
    });
    for (const { id } of page.matches) stored.add(id);
    after = page.links.next;
  } while (after !== undefined);
  for (const id of acknowledged) assert.ok(stored.has(id), `${id} was acknowledged and is lost`);

  const queued = (await store.leaves.queued(100_000)).map(({ id }) => id);
  assert.deepEqual(new Set(queued), new Set([...stored].map((id) => `Observation/${id}/1`)));
  assert.deepEqual(new Set((await store.records.records('written')).keys()), stored);
  assert.equal(await store.leaves.backlog(), stored.size);
  await store.ready();
  await store.close();
}
