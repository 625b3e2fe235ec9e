export type Json = Readonly<Record<string, unknown>>;

/** A number as it is written. */
export class Lexeme {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Reviver = (name: string, value: unknown, context: { readonly source: string }) => unknown;

/** JSON as plain data, its numbers as `Lexeme`. */
export function parseLexemes(text: string): unknown {
  const revive: Reviver = (_name, value, { source }) =>
    typeof value === 'number' ? new Lexeme(source) : value;
  return JSON.parse(text, revive as (name: string, value: unknown) => unknown);
}
