import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
  --json <file>           keep the figures
  --help

Needs Java and Maven the first time, for Synthea; the stores need about 15 KB of disk for each resource.`;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    resources: { type: 'string', default: '10000,100000' },
    times: { type: 'string', default: '40' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Run extends Measured {
  readonly store: string;
  readonly resources: number;
  /** Resources per second. */
  readonly loaded: number;
}

async function run(kind: string, resources: number, templates: Templates): Promise<Run> {
  const r4 = loadR4(join(import.meta.dirname, '../../../server/definitions'), {
    base: 'http://127.0.0.1:8080/fhir',
  });
  const { store, remove } = await open(kind);
  try {
    const began = performance.now();
    const samples = await load(store, r4, {
      templates,
      resources,
      progress: (done) => console.error(`${kind}: ${done} of ${resources} resources`),
    });
    const loaded = (resources / (performance.now() - began)) * 1000;
    const measured = await measure(store, r4, { samples, times: Number(values.times) });
    return { store: kind, resources, loaded, ...measured };
  } finally {
    await store.close();
    await remove();
  }
}

async function open(
  kind: string,
): Promise<{ readonly store: ResourceStore; readonly remove: () => Promise<void> }> {
  if (kind === 'mongodb') {
    const server = await startReplicaSet();
    return {
      store: await openMongoStore(server.getUri('bench'), { randomBytes }),
      remove: async () => {
        await server.stop({ doCleanup: true, force: true });
      },
    };
  }
  // Not in the folder for temporary files, which may be in memory.
  const folder = cached(`bench-search-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return {
    store: await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes }),
    remove: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

function print({ store, resources, loaded, read, all, searches }: Run): void {
  console.log(`\n${store}, ${resources} resources, loaded at ${loaded.toFixed(0)} per second`);
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
