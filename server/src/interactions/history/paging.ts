import type { SealedLinks } from './sealed-links.ts';

/** Holds what links to further pages of a history take. */
export interface Paging {
  readonly links: Pick<SealedLinks, 'seal' | 'open'>;
}
