import type { Store } from '../../../src/store/store.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface WatchedStore {
  readonly name: string;
  readonly store: Store;
  readonly vocabulary: Vocabulary;
  /** Says how many different statements its database was given, in words. */
  readonly statements: () => string;
  readonly close: () => Promise<void>;
}
