import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cached } from '../../../conformance/src/cache-folder.ts';
import { loadR4 } from '../../../server/src/fhir/r4.ts';
import { openMongoStore } from '../../../server/src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../../server/src/store/resource-store.ts';
import { openSqliteStore } from '../../../server/src/store/sqlite/sqlite-store.ts';
import { startReplicaSet } from '../../../server/test/support/mongod.ts';
import { load } from './load.ts';
import { readTemplates, type Templates } from './multiplied-records.ts';
import { measure, type Measured, type Timing } from './measure.ts';

const help = `Measures US Core's searches inside a store that holds so many Synthea resources, as ratios to a single read.

  npm run bench:search -- [options]

  --store sqlite          or mongodb (a mongod of its own), or both as sqlite,mongodb
  --resources 10000,100000
                          one run each, on an empty store
  --times 40              values tried for each search
  --keep <folder>         keep SQLite's stores in this folder, and use again what an earlier run left there
  --json <file>           keep the figures
  --help

Needs Java and Maven the first time, for Synthea; the stores need about 15 KB of disk for each resource.`;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    resources: { type: 'string', default: '10000,100000' },
    times: { type: 'string', default: '40' },
    keep: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Run extends Measured {
  readonly store: string;
  readonly resources: number;
  /** Resources per second; undefined when the store was there already. */
  readonly loaded: number | undefined;
}

async function run(kind: string, resources: number, templates: Templates): Promise<Run> {
  const r4 = loadR4(join(import.meta.dirname, '../../../server/definitions'), {
    base: 'http://127.0.0.1:8080/fhir',
  });
  const { store, filled, keep, remove } = await open(kind, resources);
  try {
    const began = performance.now();
    const samples = await load(filled ? nowhere : store, r4, {
      templates,
      resources,
      progress: (done) => console.error(`${kind}: ${done} of ${resources} resources`),
    });
    const loaded = filled ? undefined : (resources / (performance.now() - began)) * 1000;
    keep();
    const measured = await measure(store, r4, { samples, times: Number(values.times) });
    return { store: kind, resources, loaded, ...measured };
  } finally {
    await store.close();
    await remove();
  }
}

/** Takes what is there already, so that the samples are made again. */
const nowhere: Pick<ResourceStore, 'write'> = { write: () => Promise.resolve() };

async function open(
  kind: string,
  resources: number,
): Promise<{
  readonly store: ResourceStore;
  readonly filled: boolean;
  /** It is filled now. */
  readonly keep: () => void;
  readonly remove: () => Promise<void>;
}> {
  if (kind === 'mongodb') {
    const server = await startReplicaSet();
    return {
      store: await openMongoStore(server.getUri('bench'), { randomBytes }),
      filled: false,
      keep: () => undefined,
      remove: async () => {
        await server.stop({ doCleanup: true, force: true });
      },
    };
  }
  // Not in the folder for temporary files, which may be in memory.
  const folder =
    values.keep === undefined
      ? cached(`bench-search-${process.pid}`)
      : join(values.keep, `${resources}-resources`);
  mkdirSync(folder, { recursive: true });
  const done = join(folder, 'filled');
  const filled = existsSync(done);
  // What a run that was stopped has left there is not whole.
  const file = join(folder, 'store.sqlite');
  if (!filled) for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  return {
    store: await openSqliteStore(file, { randomBytes }),
    filled,
    keep: () => {
      if (values.keep !== undefined) writeFileSync(done, '');
    },
    remove: () => {
      if (values.keep === undefined) rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

function print({ store, resources, loaded, read, all, searches }: Run): void {
  const how = loaded === undefined ? 'kept' : `loaded at ${loaded.toFixed(0)} per second`;
  console.log(`\n${store}, ${resources} resources, ${how}`);
  console.log(`| search | samples | p50 ms | p99 ms | p50 in reads | p99 in reads |`);
  console.log(`| --- | --- | --- | --- | --- | --- |`);
  for (const timing of [read, all, ...searches]) console.log(line(timing, read));
}

function line({ name, samples, p50, p99 }: Timing, read: Timing): string {
  const figures = [p50, p99].map((ms) => ms.toFixed(2));
  const ratios = [p50 / read.p50, p99 / read.p99].map((ratio) => ratio.toFixed(1));
  return `| ${[name, samples, ...figures, ...ratios].join(' | ')} |`;
}

if (values.help) {
  console.log(help);
} else {
  const runs: Run[] = [];
  const templates = await readTemplates();
  for (const kind of values.store.split(',')) {
    for (const resources of values.resources.split(',').map(Number)) {
      const done = await run(kind, resources, templates);
      runs.push(done);
      print(done);
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(runs, null, 2)}\n`);
}
