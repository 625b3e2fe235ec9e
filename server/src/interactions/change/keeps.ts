import type { RecordWrite } from '../../store/record-store.ts';

/**
 * Records that keep other writers away from what a change rests on, by the way it goes. Once the ledger has a change
 * nothing may keep it out of the store, so that whatever could is asked before, and held until the outcome is stored.
 */
export interface Keeps {
  /** They are written with a change that the ledger need not know. */
  readonly pass: readonly RecordWrite[];
  /** They are written before a change goes to the ledger. */
  readonly hold: readonly RecordWrite[];
  /** They are written with the change once the ledger has it; none of them expects anything. */
  readonly free: readonly RecordWrite[];
  /** They are written when the ledger will never have it; none of them expects anything. */
  readonly restore: readonly RecordWrite[];
}

/** Records that are written with a change: those that expect something are its conditions. */
export function conditionsOf(records: readonly RecordWrite[]): Keeps {
  return {
    pass: records,
    hold: records.filter(({ expected }) => expected !== undefined),
    free: records.filter(({ expected }) => expected === undefined),
    restore: [],
  };
}

export function allOf(keeps: readonly Keeps[]): Keeps {
  return {
    pass: keeps.flatMap(({ pass }) => pass),
    hold: keeps.flatMap(({ hold }) => hold),
    free: keeps.flatMap(({ free }) => free),
    restore: keeps.flatMap(({ restore }) => restore),
  };
}
