import type { Paging } from './history/paging.ts';
import type { Selecting } from './conditional/selecting.ts';
import type { IndexUpkeep } from './index/index-upkeep.ts';

/**
 * Holds all that interactions work with, put together by `parts/services.ts`; nothing in it is ambient. Each room
 * declares the groups that it needs, and a function takes those that it uses: the whole is for what leads to any of them.
 */
export interface Services extends Selecting, Paging {
  readonly upkeep: Pick<IndexUpkeep, 'status' | 'outdated'>;
}
