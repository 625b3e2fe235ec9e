import type { Concept } from '../../fhir/terminology/code-system.ts';

/** Tells how a concept is called in a language (BCP 47), as far as its definition says; else its usual display. */
export function displayIn(
  { display, designation = [] }: Pick<Concept, 'display' | 'designation'>,
  language: string | undefined,
): string | undefined {
  if (language === undefined) return display;
  return (
    designation.find((one) => one.language?.toLowerCase() === language.toLowerCase())?.value ??
    designation.find((one) => base(one.language) === base(language))?.value ??
    display
  );
}

function base(language: string | undefined): string | undefined {
  return language?.toLowerCase().split('-')[0];
}

/** Tells whether somebody may call the concept so: letter case and white space do not matter. */
export function isCalled(
  { display, designation = [] }: Pick<Concept, 'display' | 'designation'>,
  name: string,
): boolean {
  const folded = fold(name);
  return [display, ...designation.map(({ value }) => value)].some(
    (one) => one !== undefined && fold(one) === folded,
  );
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
