import type { ResourceStore } from '../../../../server/src/store/resource-store.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface WatchedStore {
  readonly name: string;
  readonly store: ResourceStore;
  readonly vocabulary: Vocabulary;
  /** Says how many different statements its database was given, in words. */
  readonly statements: () => string;
  readonly close: () => Promise<void>;
}
