import type { Json, Surroundings } from '../rule.ts';
import type { Terminology } from '../terminology/terminology.ts';

/** Holds what a rule may look at besides the element, and how it says what is wrong. */
export interface Ruling {
  /** FHIRPath of the element. */
  readonly path: string;
  readonly around: Surroundings;
  readonly terminology: Pick<Terminology, 'codeSystem'> | undefined;
  /** @param below path of the culprit below the element, with its dot or bracket */
  readonly report: (code: string, text: string, below?: string) => void;
  readonly warn: Ruling['report'];
}

/** A rule that R4 states in its text, not in its definitions. The element may be any JSON object: rules never throw. */
export type ProseRule = (element: Json, ruling: Ruling) => void;
