import type { Value } from '../../oracle/question.ts';
import type { Random } from './random.ts';

/** What can be searched for, and how. */
export interface Drawn {
  readonly modifier?: string;
  readonly value: Value;
}

/** How far values stray from what is there. */
export interface Style {
  readonly random: Random;
  /** Only what the element itself satisfies, without modifiers. */
  readonly plain: boolean;
}
