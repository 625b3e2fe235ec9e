import type { Disclosing } from '../../access/groups.ts';
import type { Changing } from '../change/changing.ts';
import type { Turns } from '../../turns.ts';

/** Holds what a change takes that is of whatever criteria select. */
export interface Selecting extends Changing, Disclosing {
  /** By the criteria of conditional interactions. */
  readonly turns: Turns;
}
