import { SaxesParser } from 'saxes';

/** Elements of HTML 4.0 that a narrative may have: http://hl7.org/fhir/R4/narrative.html */
const ELEMENTS: ReadonlySet<string> = new Set([
  ...['a', 'abbr', 'acronym', 'address', 'area', 'b', 'bdo', 'big', 'blockquote', 'br', 'caption'],
  ...['cite', 'code', 'col', 'colgroup', 'dd', 'dfn', 'div', 'dl', 'dt', 'em', 'h1', 'h2', 'h3'],
  ...['h4', 'h5', 'h6', 'hr', 'i', 'img', 'kbd', 'li', 'map', 'ol', 'p', 'pre', 'q', 'samp'],
  ...['small', 'span', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead'],
  ...['tr', 'tt', 'ul', 'var', 's', 'u', 'strike', 'font', 'center'],
]);
const ATTRIBUTES: ReadonlySet<string> = new Set([
  ...[
    'abbr',
    'accesskey',
    'align',
    'alt',
    'axis',
    'bgcolor',
    'border',
    'cellhalign',
    'cellpadding',
  ],
  ...['cellspacing', 'cellvalign', 'char', 'charoff', 'charset', 'cite', 'class', 'clear', 'color'],
  ...['colspan', 'compact', 'coords', 'dir', 'face', 'frame', 'headers', 'height', 'href'],
  ...['hreflang', 'hspace', 'id', 'lang', 'longdesc', 'name', 'noshade', 'nowrap', 'rel', 'rev'],
  ...['rowspan', 'rules', 'scope', 'shape', 'size', 'span', 'src', 'start', 'style', 'summary'],
  ...['tabindex', 'target', 'title', 'type', 'usemap', 'valign', 'value', 'vspace', 'width'],
  ...['xml:lang', 'xml:space', 'xmlns'],
]);
const XHTML = 'http://www.w3.org/1999/xhtml';
const ACTIVE = /^\s*(?:java|vb)script\s*:/i;

/** txt-1: well-formed XHTML of the elements and attributes that R4 allows; nothing that a browser would run. */
export function isPlainXhtml(text: string): boolean {
  let fine = true;
  const parser = new SaxesParser();
  parser.on('error', () => {
    fine = false;
  });
  parser.on('doctype', () => {
    fine = false;
  });
  parser.on('processinginstruction', () => {
    fine = false;
  });
  let depth = 0;
  parser.on('opentag', ({ name, attributes }) => {
    if (depth === 0 && (name !== 'div' || attributes['xmlns'] !== XHTML)) fine = false;
    depth++;
    if (!ELEMENTS.has(name)) fine = false;
    for (const [attribute, value] of Object.entries(attributes)) {
      if (!ATTRIBUTES.has(attribute) || ACTIVE.test(value)) fine = false;
    }
  });
  parser.on('closetag', () => {
    depth--;
  });
  parser.write(withoutEntities(text)).close();
  return fine;
}

/** XHTML knows HTML's named characters; what is a character is no matter here. */
function withoutEntities(text: string): string {
  return text.replace(/&[A-Za-z][A-Za-z0-9]*;/g, (entity) =>
    /^&(?:amp|lt|gt|quot|apos);$/.test(entity) ? entity : ' x',
  );
}

const SPACE = /&(?:nbsp|#(?:x0*(?:20|a0|9|a|d)|0*(?:32|160|9|10|13)));/gi;

/** txt-2: some text, or an image. */
export function saysSomething(text: string): boolean {
  if (/<img[\s/>]/.test(text)) return true;
  const content = text.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '').replace(SPACE, ' ');
  return /\S/.test(content);
}
