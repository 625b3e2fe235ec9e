/** Says why a JSON text was refused. */
export type JsonErrorReason =
  | 'invalid-utf8'
  | 'byte-order-mark'
  | 'syntax'
  | 'unexpected-end'
  | 'control-character'
  | 'bad-escape'
  | 'lone-surrogate'
  | 'number'
  | 'duplicate-member'
  | 'escaped-name'
  | 'too-deep'
  | 'not-an-object'
  | 'trailing-content';

/**
 * Says where it is: `position` counts UTF-16 units from 0; `line` and `column` from 1; `path` as
 * `Patient.name[0].given`.
 */
export interface JsonPlace {
  readonly position: number;
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** A JSON text that is not accepted. The message holds the place and never a value of the text. */
export class JsonError extends Error implements JsonPlace {
  override readonly name = 'JsonError';
  readonly reason: JsonErrorReason;
  readonly position: number;
  readonly line: number;
  readonly column: number;
  readonly path: string;

  constructor(reason: JsonErrorReason, detail: string, place: JsonPlace) {
    const at = place.path === '' ? '' : ` at ${place.path}`;
    super(`${detail}${at} (line ${place.line}, column ${place.column})`);
    this.reason = reason;
    this.position = place.position;
    this.line = place.line;
    this.column = place.column;
    this.path = place.path;
  }
}

/** Line and column of a position of a text, both from 1. */
export function lineAndColumn(text: string, position: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: position - lineStart + 1 };
}
