import { decodeHTMLStrict } from 'entities';
import { SaxesParser } from 'saxes';
import { XHTML } from './element-positions.ts';

const MAX_DEPTH = 128;

/**
 * Returns what keeps the text of a narrative's `div` from standing in an XML document: it must be one well-formed
 * element that needs nothing from outside, entities other than XML's own included. Undefined when nothing does.
 */
export function narrativeFault(text: string): string | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false, fragment: true });
  let depth = 0;
  let roots = 0;
  const refuse = (what: string): never => {
    throw new NarrativeError(`${what} (line ${parser.line}, column ${parser.column})`);
  };
  parser.on('error', (error) => refuse(error.message));
  parser.on('doctype', () => refuse('a document type declaration is not allowed'));
  parser.on('opentag', ({ name }) => {
    if (depth === 0) {
      roots += 1;
      if (name !== 'div' || roots > 1) refuse('narrative is one div');
    }
    depth += 1;
    if (depth > MAX_DEPTH) refuse('nested too deep');
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.on('text', (content) => {
    if (depth === 0 && /[^ \t\r\n]/.test(content)) refuse('narrative is one div');
  });
  try {
    parser.write(text);
    parser.close();
  } catch (error) {
    if (error instanceof NarrativeError) return error.message;
    throw error;
  }
  return roots === 1 ? undefined : 'narrative is one div';
}

class NarrativeError extends Error {}

/**
 * The `div` for an XML document in FHIR's namespace: the same text, with the XHTML namespace where it lacks one, and
 * HTML's named characters as numbers, because XML has no such names.
 */
export function embeddedNarrative(text: string): string {
  const source = text.trim().replace(/&[A-Za-z][A-Za-z0-9]*;/g, numbered);
  const opening = /^<div(?:[^>"']|"[^"]*"|'[^']*')*>/.exec(source)?.[0] ?? '';
  return /\sxmlns\s*=/.test(opening) ? source : source.replace('<div', `<div xmlns="${XHTML}"`);
}

function numbered(entity: string): string {
  if (/^&(?:amp|lt|gt|quot|apos);$/.test(entity)) return entity;
  const characters = decodeHTMLStrict(entity);
  if (characters === entity) return entity;
  return Array.from(characters, (each) => `&#${each.codePointAt(0) ?? 0};`).join('');
}
