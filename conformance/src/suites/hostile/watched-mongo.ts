import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { CommandStartedEvent } from 'mongodb';
import { openMongoStore } from '../../../../server/src/store/mongo/mongo-store.ts';
import type { WriteSet } from '../../../../server/src/store/resource-store.ts';
import { startReplicaSet } from '../../../../server/test/support/mongod.ts';
import { Vocabulary } from './vocabulary.ts';
import type { WatchedStore } from './watched-store.ts';

/** Says what searches send, and where in it stands what was asked. */
const ASKING: Readonly<Record<string, readonly string[]>> = {
  find: ['filter', 'sort', 'projection', 'hint', 'min', 'max'],
  aggregate: ['pipeline'],
};

/** A store of MongoDB whose commands are looked at as the driver sends them. */
export async function watchedMongo(writes: readonly WriteSet[]): Promise<WatchedStore> {
  const server = await startReplicaSet();
  const vocabulary = new Vocabulary();
  const shapes = new Set<string>();
  const url = `${server.getUri('hostile')}&monitorCommands=true`;
  const store = await watchingClients(
    ({ commandName, command }) => {
      for (const part of ASKING[commandName] ?? []) {
        const words = [...told(command[part])];
        shapes.add(words.join(' '));
        vocabulary.hear(words);
      }
    },
    // It goes through the index of however few resources, so that every way to look for a page is gone.
    () => openMongoStore(url, { randomBytes }, 0),
  );
  for (let at = 0; at < writes.length; at += 100) {
    await Promise.all(writes.slice(at, at + 100).map((write) => store.write(write)));
  }
  return {
    name: 'mongodb',
    store,
    vocabulary,
    statements: () => `${shapes.size} shapes of commands`,
    close: async () => {
      await store.close();
      await server.stop({ doCleanup: true, force: true });
    },
  };
}

async function watchingClients<T>(
  look: (event: CommandStartedEvent) => void,
  open: () => Promise<T>,
): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(MongoClient.prototype, 'connect');
  if (original === undefined) throw new Error('the driver connects in another way now');
  const connect = original.value as MongoClient['connect'];
  const watched: MongoClient['connect'] = function (this: MongoClient) {
    this.on('commandStarted', look);
    return connect.call(this);
  };
  Object.defineProperty(MongoClient.prototype, 'connect', { ...original, value: watched });
  try {
    return await open();
  } finally {
    Object.defineProperty(MongoClient.prototype, 'connect', original);
  }
}

/** Operators whose operand is computed: there a text that begins with a dollar names a field. */
const COMPUTED = new Set(['$expr', '$set', '$project', '$unwind', '$group', '$lookup']);

/** Keys and operators, and the fields that expressions name. */
function* told(part: unknown, computed = false): Generator<string> {
  if (Array.isArray(part)) {
    for (const each of part) yield* told(each, computed);
  } else if (typeof part === 'string') {
    if (computed && part.startsWith('$')) yield part;
  } else if (typeof part === 'object' && part !== null && !Buffer.isBuffer(part)) {
    for (const [key, value] of Object.entries(part)) {
      yield key;
      if (key !== '$literal') yield* told(value, computed || COMPUTED.has(key));
    }
  }
}
