/** Every token and run of white space of a JSON text, as written. */
export function lexemes(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+|\s+/g) ?? [];
}
