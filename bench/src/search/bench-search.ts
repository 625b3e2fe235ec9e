import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { cached } from '../../../conformance/src/cache-folder.ts';
import { loadR4, type R4 } from '../../../server/src/r4/r4.ts';
import { openMongoStore } from '../../../server/src/store/mongo/mongo-store.ts';
import type { ResourceStore } from '../../../server/src/store/resource-store.ts';
import { openSqliteStore } from '../../../server/src/store/sqlite/sqlite-store.ts';
import { startReplicaSet } from '../../../server/test/support/mongod.ts';
import { load } from './load.ts';
import { readTemplates, type Templates } from './multiplied-records.ts';
import {
  measure,
  usCoreKinds,
  wideKinds,
  type Filled,
  type Measured,
  type Timing,
} from './measure.ts';

const help = `Measures US Core's searches inside a store that holds so many Synthea resources, as ratios to a single read.

  npm run bench:search -- [options]

  --store sqlite          or mongodb (a mongod of its own), or both as sqlite,mongodb
  --resources 10000,100000
                          one store each, empty at first; all are then asked by turns
  --times 40              values tried for each search; all of them are then tried again
  --wide                  searches of which far more is found than is shown, instead of US Core's
  --keep <folder>         keep SQLite's stores in this folder, and measure what an earlier run left there without
                          loading it again
  --json <file>           keep the figures
  --help

Needs Java and Maven the first time, for Synthea; the stores need about 15 KB of disk for each resource.`;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    resources: { type: 'string', default: '10000,100000' },
    times: { type: 'string', default: '40' },
    wide: { type: 'boolean', default: false },
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

/** Fills a store for each size, then asks all of them by turns. */
async function run(kind: string, sizes: readonly number[], templates: Templates): Promise<Run[]> {
  const r4 = loadR4(join(import.meta.dirname, '../../../server/definitions'), {
    base: 'http://127.0.0.1:8080/fhir',
  });
  const opened: Opened[] = [];
  try {
    const filled: (Filled & Pick<Run, 'resources' | 'loaded'>)[] = [];
    for (const resources of sizes) {
      const one = await open(kind, resources);
      opened.push(one);
      filled.push({ store: one.store, resources, ...(await fill(one, r4, templates)) });
    }
    const measured = await measure(filled, r4, {
      times: Number(values.times),
      kinds: values.wide ? wideKinds : usCoreKinds,
    });
    return measured.map((each, i) => ({
      store: kind,
      resources: sizes[i] ?? 0,
      loaded: filled[i]?.loaded,
      ...each,
    }));
  } finally {
    for (const { store, remove } of opened) {
      await store.close();
      await remove();
    }
  }
}

async function fill(
  { kind, resources, store, samples, keep }: Opened,
  r4: R4,
  templates: Templates,
): Promise<Pick<Filled, 'samples'> & Pick<Run, 'loaded'>> {
  if (samples) return { samples, loaded: undefined };
  const began = performance.now();
  const made = await load(store, r4, {
    templates,
    resources,
    progress: (done) => console.error(`${kind}: ${done} of ${resources} resources`),
  });
  keep(made);
  return { samples: made, loaded: (resources / (performance.now() - began)) * 1000 };
}

interface Opened {
  readonly kind: string;
  readonly resources: number;
  readonly store: ResourceStore;
  /** Comes from a store that an earlier run has filled. */
  readonly samples: Filled['samples'] | undefined;
  /** It is filled now. */
  readonly keep: (samples: Filled['samples']) => void;
  readonly remove: () => Promise<void>;
}

async function open(kind: string, resources: number): Promise<Opened> {
  if (kind === 'mongodb') {
    const server = await startReplicaSet();
    return {
      kind,
      resources,
      store: await openMongoStore(server.getUri('bench'), { randomBytes }),
      samples: undefined,
      keep: () => undefined,
      remove: async () => {
        await server.stop({ doCleanup: true, force: true });
      },
    };
  }
  // Not in the folder for temporary files, which may be in memory.
  const folder =
    values.keep === undefined
      ? cached(`bench-search-${process.pid}-${resources}`)
      : join(values.keep, `${resources}-resources`);
  mkdirSync(folder, { recursive: true });
  const done = join(folder, 'samples');
  const samples = existsSync(done)
    ? (deserialize(readFileSync(done)) as Filled['samples'])
    : undefined;
  // Nothing whole is left there by a run that was stopped.
  const file = join(folder, 'store.sqlite');
  if (!samples) for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  return {
    kind,
    resources,
    store: await openSqliteStore(file, { randomBytes }),
    samples,
    keep: (made) => {
      if (values.keep !== undefined) writeFileSync(done, serialize(made));
    },
    remove: () => {
      if (values.keep === undefined) rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

function print({ store, resources, loaded, read, first, all, searches }: Run, smallest: Run): void {
  const how = loaded === undefined ? 'kept' : `loaded at ${loaded.toFixed(0)} per second`;
  console.log(`\n${store}, ${resources} resources, ${how}`);
  const growth = [first.p50 / smallest.first.p50, all.p50 / smallest.all.p50]
    .map((times) => times.toFixed(2))
    .join(', again ');
  console.log(`p50 of all searches in those of ${smallest.resources} resources: first ${growth}\n`);
  console.log(`| search | samples | p50 ms | p99 ms | longest ms | p50 in reads | p99 in reads |`);
  console.log(`| --- | --- | --- | --- | --- | --- | --- |`);
  for (const timing of [read, first, all, ...searches]) console.log(line(timing, read));
}

function line({ name, samples, p50, p99, longest }: Timing, read: Timing): string {
  const figures = [p50, p99, longest].map((ms) => ms.toFixed(2));
  const ratios = [p50 / read.p50, p99 / read.p99].map((ratio) => ratio.toFixed(1));
  return `| ${[name, samples, ...figures, ...ratios].join(' | ')} |`;
}

if (values.help) {
  console.log(help);
} else {
  const runs: Run[] = [];
  const templates = await readTemplates();
  for (const kind of values.store.split(',')) {
    const done = await run(kind, values.resources.split(',').map(Number), templates);
    runs.push(...done);
    const [smallest] = [...done].sort((a, b) => a.resources - b.resources);
    for (const each of done) print(each, smallest ?? each);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(runs, null, 2)}\n`);
}
