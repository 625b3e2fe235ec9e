/** A text without what editors, mail and shells put around it, and a sentence for each thing that was passed over. */
export interface BareText {
  readonly text: string;
  readonly notes: readonly string[];
}

const SPACE = ' \t\n\r';

/**
 * Passes over one byte order mark at the very start and white space of JSON (RFC 8259 section 2) around a document.
 * Nothing inside of it is touched, and nothing else around it: what remains is judged as strictly as before.
 */
export function withoutSurroundingSpace(input: string): BareText {
  const marked = input.startsWith('\ufeff');
  let start = marked ? 1 : 0;
  let end = input.length;
  const first = start;
  while (start < end && SPACE.includes(input.charAt(start))) start += 1;
  while (end > start && SPACE.includes(input.charAt(end - 1))) end -= 1;
  const notes = [
    ...(marked ? ['a byte order mark before the document was passed over'] : []),
    ...noteOf(start - first, 'before'),
    ...noteOf(input.length - end, 'after'),
  ];
  return { text: input.slice(start, end), notes };
}

function noteOf(count: number, where: 'before' | 'after'): string[] {
  if (count === 0) return [];
  const bytes = count === 1 ? '1 byte' : `${count} bytes`;
  return [
    `${bytes} of white space ${where} the document ${count === 1 ? 'was' : 'were'} passed over`,
  ];
}
