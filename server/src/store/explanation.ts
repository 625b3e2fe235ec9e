/** Says how a store would evaluate a search. Nothing in it comes from data or from the values asked for. */
export interface Explanation {
  readonly type: string;
  /**
   * Says where it looks: at the resources that satisfy one criterion, at those that come first in the order wanted, or
   * at all of the type.
   */
  readonly looksAt: 'criterion' | 'order' | 'type';
  /** Number of resources that the criterion leads to, at most; absent: not known to be few. */
  readonly atMost?: number;
  readonly statements: readonly {
    readonly text: string;
    /** The database's own plan. */
    readonly steps: readonly string[];
  }[];
}
