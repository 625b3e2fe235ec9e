/** Text as string search compares it: without case, accents and compatibility forms (R4 search.html#string). */
export function foldString(text: string): string {
  // Most names and addresses are plain ASCII: spare them two normalisations.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  const base = text.normalize('NFKD').replace(/\p{M}+/gu, '');
  // Upper case first: ß and ss, final and medial sigma then fold to one form.
  return base.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
