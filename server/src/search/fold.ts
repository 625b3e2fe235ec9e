/** Text as string search compares it: without case, accents and compatibility forms (R4 search.html#string). */
export function foldString(text: string): string {
  // Most names and addresses are plain ASCII: spare them two normalisations.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  const base = text.normalize('NFKD').replace(/\p{M}+/gu, '');
  // Lower case first for the capital ẞ, then upper case: ß and ss, final and medial sigma then fold to one form.
  return base.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
