import { SaxesParser, type SaxesTagNS } from 'saxes';
import { FhirError } from '../errors.ts';
import type { Property, TypeModels } from '../type-model.ts';
import { FHIR, isAttribute, XHTML } from './element-positions.ts';
import { JsonFields } from './json-fields.ts';
import { primitiveJson } from './primitive-json.ts';

/** Open elements; what is deeper is refused as JSON too. */
const MAX_DEPTH = 160;
/** Attributes of one element, narrative included. */
const MAX_ATTRIBUTES = 100;
/** Characters that are read before others have their turn. */
const STEP = 64 * 1024;
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/**
 * A resource in XML as JSON text (R4 xml.html, json.html): numbers, texts and the order of repetitions stay, and
 * narrative stays the very text it was. Comments, processing instructions and formatting outside of narrative are no
 * content. There is no DTD and no entity but XML's own five. Pauses between steps of a large document.
 *
 * @throws FhirError `structure` with line, column and element
 * @rule XML
 */
export function* xmlToJson(models: TypeModels, text: string): Generator<undefined, string> {
  const reader = new XmlReader(models, text);
  for (let at = 0; at < text.length; at += STEP) {
    reader.write(text.slice(at, at + STEP));
    yield undefined;
  }
  return reader.end();
}

interface Frame {
  /** Absent: the element holds one resource. */
  readonly fields?: JsonFields;
  /** Describes the property of the parent; absent for a resource. */
  readonly property?: Property;
  /** JSON text of a primitive's value, or of the resource inside. */
  content?: string | undefined;
}

class XmlReader {
  readonly #models: TypeModels;
  readonly #text: string;
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #stack: Frame[] = [];
  #narrative:
    { readonly start: number; readonly depth: number; readonly declares: boolean } | undefined;
  #depth = 0;
  #attributes = 0;
  #result = '';

  constructor(models: TypeModels, text: string) {
    this.#models = models;
    this.#text = text;
    this.#parser.on('error', (error) => this.#refuse(`not well-formed XML: ${error.message}`));
    this.#parser.on('doctype', () => this.#refuse('a document type declaration is not allowed'));
    this.#parser.on('xmldecl', ({ version, encoding = 'UTF-8' }) => {
      if (version !== '1.0') this.#refuse('only XML 1.0 is read');
      if (encoding.toUpperCase() !== 'UTF-8') this.#refuse('FHIR is written in UTF-8');
    });
    this.#parser.on('opentagstart', () => {
      this.#attributes = 0;
    });
    this.#parser.on('attribute', () => {
      this.#attributes += 1;
      if (this.#attributes > MAX_ATTRIBUTES) this.#refuse('too many attributes');
    });
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('text', (content) => this.#assertBlank(content));
    this.#parser.on('cdata', (content) => this.#assertBlank(content));
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  end(): string {
    this.#parser.close();
    return this.#result;
  }

  #open(tag: SaxesTagNS): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#refuse('nested too deep');
    if (this.#narrative !== undefined) {
      this.#assertOwnNamespaces(tag);
      return;
    }
    const parent = this.#stack.at(-1);
    if (parent?.fields === undefined) this.#openResource(tag, parent);
    else this.#openElement(tag, parent.fields);
  }

  #openResource(tag: SaxesTagNS, container: Frame | undefined): void {
    const model = this.#models.get(tag.local);
    if (tag.uri !== FHIR || model?.kind !== 'resource') {
      this.#refuse(`a resource in the namespace ${FHIR} is expected, not ${shown(tag.name)}`);
    }
    if (container?.content !== undefined) this.#refuse('only one resource may stand here');
    const fields = new JsonFields(model);
    fields.put('resourceType', JSON.stringify(tag.local));
    this.#readAttributes(tag, () => false);
    this.#stack.push({ fields });
  }

  #openElement(tag: SaxesTagNS, parent: JsonFields): void {
    const { model } = parent;
    const property = model.properties.get(tag.local);
    const namespace = property?.type === 'xhtml' ? XHTML : FHIR;
    if (property === undefined || tag.uri !== namespace || isAttribute(model, tag.local)) {
      this.#refuse(`${model.name} has no element ${shown(tag.name)}`);
    }
    const fault = parent.begin(property);
    if (fault !== undefined) this.#refuse(fault);
    if (property.type === 'xhtml') {
      const start = this.#text.lastIndexOf('<', this.#parser.position - 1);
      this.#narrative = { start, depth: this.#depth, declares: 'xmlns' in tag.attributes };
      this.#assertOwnNamespaces(tag);
    } else if (property.kind === 'resource') {
      this.#stack.push({ property });
      this.#readAttributes(tag, () => false);
    } else this.#openFields(tag, property);
  }

  #openFields(tag: SaxesTagNS, property: Property): void {
    const { kind, type } = property;
    const model = this.#models.get(kind === 'primitive' ? 'Element' : type);
    if (model === undefined) throw new Error(`the definitions have no type ${type}`);
    const frame: Frame = { fields: new JsonFields(model), property };
    this.#stack.push(frame);
    this.#readAttributes(tag, (name, value) => {
      if (kind === 'primitive' && name === 'value') {
        frame.content = primitiveJson(type, value);
        if (frame.content === undefined) this.#refuse(`the value is no ${type}`);
        return true;
      }
      if (!isAttribute(model, name)) return false;
      frame.fields?.put(name, JSON.stringify(value));
      return true;
    });
  }

  #readAttributes(
    { attributes }: SaxesTagNS,
    take: (name: string, value: string) => boolean,
  ): void {
    for (const { name, uri, value, local } of Object.values(attributes)) {
      if (uri === XMLNS || (uri === XSI && local === 'schemaLocation')) continue;
      if (uri !== '' || !take(name, value)) this.#refuse(`no attribute ${shown(name)} is allowed`);
    }
  }

  /** Narrative leaves its document: what it uses must be declared inside of it. */
  #assertOwnNamespaces({ prefix, attributes }: SaxesTagNS): void {
    const prefixes = [prefix, ...Object.values(attributes).map((attribute) => attribute.prefix)];
    if (prefixes.some((each) => each !== '' && each !== 'xmlns' && each !== 'xml')) {
      this.#refuse('narrative must be written without namespace prefixes');
    }
  }

  #close(): void {
    this.#depth -= 1;
    if (this.#narrative !== undefined) {
      if (this.#narrative.depth > this.#depth) this.#closeNarrative(this.#narrative);
      return;
    }
    const frame = this.#stack.at(-1);
    if (frame === undefined) throw new Error('saxes closes what it opened');
    const { property, content, fields } = frame;
    const json = fields?.close();
    const isPrimitive = property?.kind === 'primitive';
    if (isPrimitive && content === undefined && json === undefined) {
      this.#refuse('an element needs a value or an extension');
    }
    if (fields === undefined && content === undefined) this.#refuse('a resource is expected here');
    this.#stack.pop();
    if (isPrimitive) this.#add(content, json);
    else if (property !== undefined) this.#add(content ?? json ?? '{}');
    else this.#endResource(json ?? '');
  }

  #add(value: string | undefined, twin?: string): void {
    this.#stack.at(-1)?.fields?.add(value, twin);
  }

  #endResource(json: string): void {
    const container = this.#stack.at(-1);
    if (container === undefined) this.#result = json;
    else container.content = json;
  }

  /** Its own text; a namespace that is declared around it goes with it. */
  #closeNarrative({
    start,
    declares,
  }: {
    readonly start: number;
    readonly declares: boolean;
  }): void {
    const source = this.#text.slice(start, this.#parser.position);
    const whole = declares ? source : source.replace('<div', `<div xmlns="${XHTML}"`);
    this.#add(JSON.stringify(whole));
    this.#narrative = undefined;
  }

  #assertBlank(content: string): void {
    if (this.#narrative === undefined && /[^ \t\r\n]/.test(content)) {
      this.#refuse('text is not allowed here: values stand in attributes');
    }
  }

  #refuse(what: string): never {
    const { line, column } = this.#parser;
    const path = this.#path();
    const at = path === '' ? '' : ` at ${path}`;
    throw new FhirError('structure', `${what}${at} (line ${line}, column ${column})`, {
      ...(path === '' ? {} : { expression: path }),
    });
  }

  /** As FHIRPath: `Patient.name[0].given[1]`. */
  #path(): string {
    const root = this.#stack[0]?.fields?.model.name ?? '';
    return this.#stack.reduce((path, { property }, level) => {
      if (property === undefined) return path;
      const index = this.#stack[level - 1]?.fields?.repetitions ?? 0;
      return `${path}.${property.name}${property.many ? `[${index}]` : ''}`;
    }, root);
  }
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
