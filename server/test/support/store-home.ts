import { afterAll, beforeAll } from '@jest/globals';
import type { StoreOptions } from '../../src/store/store-options.ts';
import type { Store } from '../../src/store/store.ts';

/** A place where one store's data lives. */
export interface StoreHome {
  /** Opens the data there; stores opened before are closed or dead. */
  open(past?: StoreOptions['past']): Promise<Store>;
  /** Module, exported opener and its address, for a child process to open the same data. */
  readonly opener: { readonly module: string; readonly name: string; readonly address: string };
  remove(): Promise<void>;
}

/** A store for the tests of one `describe`, closed and removed after them. */
export function useStore(settle: () => Promise<StoreHome>): () => Store {
  let home: StoreHome;
  let store: Store;
  beforeAll(async () => {
    home = await settle();
    store = await home.open();
  });
  afterAll(async () => {
    await store.close();
    await home.remove();
  });
  return () => store;
}

/** Runs with a home of its own. */
export async function withHome(
  settle: () => Promise<StoreHome>,
  act: (home: StoreHome) => Promise<void>,
): Promise<void> {
  const home = await settle();
  try {
    await act(home);
  } finally {
    await home.remove();
  }
}
