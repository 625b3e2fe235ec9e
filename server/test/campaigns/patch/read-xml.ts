/** An element of an XML document, as far as FHIR's XML format needs it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
  /** The element as written. */
  readonly source: string;
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/gy;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/** Reads a document without a DTD. @throws Error with the place when it is not well-formed */
export function readXml(document: string): XmlElement {
  // XML 1.0, section 2.11: a line ends with a line feed.
  const text = document.replace(/\r\n?/g, '\n');
  const open: { element: XmlElement & { children: (XmlElement | string)[] }; start: number }[] = [];
  let root: XmlElement | undefined;
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`not well-formed at character ${at}`);
    const [token, closing, name, attributes = '', empty] = match;
    const start = at;
    at = TOKEN.lastIndex;
    if (name === undefined) {
      if (!token.startsWith('<')) open.at(-1)?.element.children.push(decode(token));
      continue;
    }
    if (closing === '') {
      const element = { name, attributes: readAttributes(attributes), children: [], source: '' };
      open.push({ element, start });
    }
    if (closing === '' && empty === '') continue;
    const ended = open.pop();
    if (ended?.element.name !== name) throw new Error(`${name} ends at character ${start}`);
    const element = { ...ended.element, source: text.slice(ended.start, at) };
    open.at(-1)?.element.children.push(element);
    if (open.length === 0) root = element;
  }
  if (root === undefined || open.length > 0) throw new Error('the document does not end');
  return root;
}

export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [
      name,
      decode(double ?? single ?? ''),
    ]),
  );
}

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (entity, hex, dec, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex as string, 16));
    if (dec !== undefined) return String.fromCodePoint(Number(dec));
    return NAMED[name as string] ?? entity;
  });
}
