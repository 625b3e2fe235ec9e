import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FhirError } from '../../../src/fhir/errors.ts';
import { loadR4 } from '../../../src/r4/r4.ts';
import { meant } from '../../../src/interactions/search/named-queries.ts';
import { openMongoStore } from '../../../src/store/mongo/mongo-store.ts';
import { SearchTooCostly } from '../../../src/store/errors.ts';
import type { Store, WriteSet } from '../../../src/store/store.ts';
import type { SearchPage } from '../../../src/store/version-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import type { Held } from '../../oracle/corpus.ts';
import type { Json } from '../../oracle/official.ts';
import type { Question } from '../../oracle/question.ts';
import { BASE } from '../../oracle/reference-text.ts';
import { throughEveryLink } from './through-every-link.ts';
import { urlPairs } from '../../oracle/url-pairs.ts';

/** What the server makes of a question: ids in the order of its pages, or why it refuses. */
export type Reply =
  | { readonly ids: readonly string[]; readonly total: number | undefined }
  | {
      readonly refused: string;
      readonly supported: boolean;
      /** Because it would take too long, again and again. */
      readonly costly?: boolean;
    };

export interface Production {
  readonly name: string;
  ask(question: Question): Promise<Reply>;
  add(all: readonly Held[]): Promise<void>;
  close(): Promise<void>;
}

const DEFINITIONS = join(import.meta.dirname, '../../../definitions');

/** The server's own parser, index and store, without what it may show to whom. */
export async function startProduction(kind: 'sqlite' | 'mongodb'): Promise<Production> {
  const r4 = loadR4(DEFINITIONS, { base: BASE });
  const { store, remove } = await (kind === 'sqlite' ? openSqlite() : openMongo());
  const written = new Set<string>();
  return {
    name: kind,
    add: async (all) => {
      for (let at = 0; at < all.length; at += 200) {
        const some = all.slice(at, at + 200);
        for (const { type } of some) written.add(type);
        const sets = some.map((held) => writeOf(r4, held));
        await Promise.all(sets.map((set) => store.write(set)));
      }
    },
    ask: (question) => asked({ r4, store, containers: () => [...written] }, question),
    close: async () => {
      await store.close();
      await remove();
    },
  };
}

/** How often a question is asked that takes too long: the machine may be busy with other things. */
const ATTEMPTS = 3;

interface Server {
  readonly r4: ReturnType<typeof loadR4>;
  readonly store: Store;
  /** Types that may contain others. */
  readonly containers: () => readonly string[];
}

async function asked(server: Server, question: Question): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askedOnce(server, question);
    } catch (error) {
      if (!(error instanceof SearchTooCostly)) throw error;
      if (attempt === ATTEMPTS) return { refused: error.message, supported: true, costly: true };
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

async function askedOnce({ r4, store, containers }: Server, question: Question): Promise<Reply> {
  try {
    const pairs = [...urlPairs(question), ['_total', 'accurate'] as const];
    const services = { r4, store, base: BASE };
    const { parameters, named } = await meant(services, question.type, pairs);
    const options = {
      handling: 'strict',
      base: BASE,
      containers,
      ...(named && { named }),
    } as const;
    const parsed = r4.parseSearch(question.type, parameters, options);
    const query = throughEveryLink(parsed.query);
    const ids: string[] = [];
    let page = await store.versions.search(query);
    const { total } = page;
    for (;;) {
      ids.push(...namesOf(page, question));
      const { next } = page.links;
      if (next === undefined) return { ids, total };
      if (page.matches.length === 0) throw new Error('an empty page has a successor');
      page = await store.versions.search({ ...query, total: 'none', page: next });
    }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { refused: error.message, supported: error.code !== 'not-supported' };
  }
}

/** What is found, as the oracle calls it: with `_contained` resources of several types, and what they contain. */
function namesOf({ matches, places }: SearchPage, { contained }: Question): readonly string[] {
  if (contained === undefined || contained.which === 'false') return matches.map(({ id }) => id);
  return matches.map(({ type, id, body }, i) => {
    const place = places?.[i];
    if (typeof place !== 'number') return `${type}/${id}`;
    const all = (JSON.parse(Buffer.from(body).toString()) as Json)['contained'];
    return `${type}/${id}#${String((all as readonly Json[])[place]?.['id'])}`;
  });
}

/** A resource as it is written when it is new. */
export function writeOf(r4: ReturnType<typeof loadR4>, { type, id, resource }: Held): WriteSet {
  const inside = r4.containedIndex(resource);
  const leaf = `${type}/${id}/1`;
  const bytes = Buffer.from(leaf);
  const { lastUpdated } = resource['meta'] as { readonly lastUpdated: string };
  return {
    versions: [
      {
        type,
        id,
        version: 1,
        deleted: false,
        lastUpdated: Date.parse(lastUpdated),
        method: 'PUT',
        body: Buffer.from(JSON.stringify(resource)),
        patients: r4.patientsOf(resource),
        leaf,
        index: r4.indexEntries(resource),
        ...(inside.length > 0 && { inside }),
      },
    ],
    leaves: [
      {
        id: leaf,
        kind: 'version',
        bytes,
        hash: createHash('sha256').update(bytes).digest(),
        salt: Buffer.alloc(32),
      },
    ],
  };
}

interface Opened {
  readonly store: Store;
  readonly remove: () => Promise<void>;
}

async function openSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'search-oracle-'));
  const store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  return {
    store,
    remove: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}

async function openMongo(): Promise<Opened> {
  const server = await startReplicaSet();
  const store = await openMongoStore(server.getUri('oracle'), { randomBytes });
  return {
    store,
    remove: async () => {
      await server.stop({ doCleanup: true, force: true });
    },
  };
}
