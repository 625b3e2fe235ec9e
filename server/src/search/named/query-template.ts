import { splitAt, unescapeValue } from '../parse/value-text.ts';

/** One criterion of a named query: its name, and what its value is made of. */
export interface CriterionTemplate {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

/** Text as it stands in a search value, or the value of a parameter of the query. */
type Piece = { readonly text: string } | { readonly parameter: string };

export interface QueryTemplate {
  /** `Observation?…` names it. */
  readonly type: string | undefined;
  readonly criteria: readonly CriterionTemplate[];
}

const PLACEHOLDER = /\{\{([^{}]*)\}\}/;
/** As of one search. */
const MOST_CRITERIA = 64;
const LONGEST = 8192;
const VARIABLE = /^ *%(?:([A-Za-z]\w*)|`([^`]+)`) *$/;

/**
 * Reads an `application/x-fhir-query` (https://hl7.org/fhir/fhir-xquery.html) whose only FHIRPath are variables that
 * stand in values: `code={{%code}}&date=ge{{%since}}`. Everything else is as in a URL, percent-encoded.
 *
 * @throws SyntaxError
 */
export function parseTemplate(expression: string): QueryTemplate {
  if (expression.length > LONGEST) throw new SyntaxError(`it has more than ${LONGEST} characters`);
  const [, type, query = ''] = /^(?:([A-Za-z]*)\?)?(.*)$/s.exec(expression) ?? [];
  const criteria = query.split('&').map((each): CriterionTemplate => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(each) ?? [];
    if (name === '' || value === '') throw new SyntaxError('each criterion is name=value');
    if (/\{\{|\}\}/.test(name)) throw new SyntaxError('only values are made of parameters');
    return { name: decode(name), pieces: piecesOf(value) };
  });
  if (criteria.length > MOST_CRITERIA) {
    throw new SyntaxError(`it has more than ${MOST_CRITERIA} criteria`);
  }
  return { type: type === undefined || type === '' ? undefined : type, criteria };
}

function piecesOf(value: string): readonly Piece[] {
  const parts = value.split(PLACEHOLDER);
  return parts.flatMap((part, i): readonly Piece[] => {
    if (i % 2 === 0) {
      const text = literal(part);
      if (i < parts.length - 1 && endsEscaping(text)) {
        throw new SyntaxError('a backslash escapes what follows it, which cannot be a parameter');
      }
      return text === '' ? [] : [{ text }];
    }
    const [, plain, quoted] = VARIABLE.exec(part) ?? [];
    const parameter = plain ?? quoted;
    if (parameter === undefined) {
      throw new SyntaxError('what stands in {{ }} is %name, or %`name`, of a parameter');
    }
    return [{ parameter }];
  });
}

function literal(text: string): string {
  if (/\{\{|\}\}/.test(text)) throw new SyntaxError('{{ and }} belong together');
  return decode(text);
}

function endsEscaping(text: string): boolean {
  return splitAt(`${text},`, ',').length === splitAt(text, ',').length;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw new SyntaxError('it is not percent-encoded UTF-8');
  }
}

/** Names of the parameters that a criterion is made of. */
export function parametersIn({ pieces }: CriterionTemplate): readonly string[] {
  return pieces.flatMap((piece) => ('parameter' in piece ? [piece.parameter] : []));
}

/** Tells whether the value is that of one parameter and nothing else. */
export function isWhole({ pieces }: CriterionTemplate): boolean {
  return pieces.length === 1 && parametersIn({ name: '', pieces }).length === 1;
}

/**
 * The value of a criterion. That of a parameter which makes all of it is taken as it was sent; as a part of it, it is
 * text and nothing else, whatever it holds.
 *
 * @throws RangeError with the name of a parameter that has more than one value where one is a part
 */
export function fill(template: CriterionTemplate, values: ReadonlyMap<string, string>): string {
  const whole = isWhole(template);
  return template.pieces
    .map((piece) => {
      if ('text' in piece) return piece.text;
      const value = values.get(piece.parameter) ?? '';
      return whole ? value : asPart(value, piece.parameter);
    })
    .join('');
}

const SEPARATORS = [',', '|', '$'];

function asPart(value: string, parameter: string): string {
  if (SEPARATORS.some((separator) => splitAt(value, separator).length > 1)) {
    throw new RangeError(parameter);
  }
  return unescapeValue(value).replace(/[\\,|$]/g, '\\$&');
}
