import type { Clue } from './clue.ts';
import type { Whose } from './whose.ts';

/** The clues that are followed to find out whom a resource concerns, beyond what it says plainly. */
export function followed({ concern, about, told, contained, leads }: Whose): readonly Clue[] {
  const isPlain = concern === 'never' || about.some(({ kind }) => kind === 'patient');
  return [...told, ...contained, ...(isPlain ? [] : [...about, ...leads()])];
}

/** Names what a clue leads to: `Type/id`, or `system|value` of an identifier; nothing where it cannot be followed. */
export function keyOfClue(clue: Clue): readonly string[] {
  switch (clue.kind) {
    case 'patient':
      return [`Patient/${clue.id}`];
    case 'resource':
      return [clue.target];
    case 'identifier':
      return [`${clue.system}|${clue.value}`];
    default:
      return [];
  }
}
