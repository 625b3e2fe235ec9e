/**
 * Text as string search compares it (R4 search.html#string): folded, and without punctuation, and of space that
 * separates only what is needed.
 */
export function foldPhrase(text: string): string {
  const folded = foldString(text);
  if (/^[a-z\d]*$/.test(folded)) return folded;
  return folded
    .replace(/\p{P}+/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Text without case, accents and compatibility forms. */
export function foldString(text: string): string {
  // Most names and addresses are plain ASCII: spare them two normalisations.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  const base = text.normalize('NFKD').replace(/\p{M}+/gu, '');
  // Lower case first for the capital ẞ, then upper case: ß and ss, final and medial sigma then fold to one form.
  return base.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
