import type { ClientSession } from 'mongodb';
import { StoreUnavailable } from '../errors.ts';
import type { Connection } from './connect.ts';
import { storeError } from './guard.ts';
import { inSnapshot } from './snapshot.ts';

/** The ways to use the connection. After the end every use is refused; those under way go on. */
export class ConnectionUse {
  readonly #connection: Connection;
  #underWay = 0;
  #released: (() => void) | undefined;
  #ended = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws the errors of the store only */
  async run<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    this.assertOpen();
    this.#underWay += 1;
    try {
      return await act(this.#connection);
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#released?.();
    }
  }

  /** Everything read in the session is of one moment. */
  snapshot<T>(act: (connection: Connection, session: ClientSession) => Promise<T>): Promise<T> {
    return this.run((connection) => {
      const { client, collections: own, snapshots: collections } = connection;
      return inSnapshot(client, own, (session) => act({ ...connection, collections }, session));
    });
  }

  /** @throws StoreUnavailable */
  assertOpen(): void {
    if (this.#ended) throw new StoreUnavailable('The store is closed');
  }

  /** Returns false when it had ended before. */
  end(): boolean {
    const first = !this.#ended;
    this.#ended = true;
    return first;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#released = resolve));
  }
}
