import { FhirError } from '../errors.ts';
import type { Property, TypeModel, TypeModels } from '../type-model.ts';
import { elementPositions, FHIR, isAttribute } from './element-positions.ts';
import { escapeAttribute } from './escape-attribute.ts';
import { embeddedNarrative, narrativeFault } from './narrative.ts';
import { Lexeme, type Json } from './parse-lexemes.ts';

/** Writes resources as elements, one piece of text after the other. */
export class XmlWriter {
  readonly #models: TypeModels;
  readonly #pretty: boolean;
  readonly #parts: string[] = ['<?xml version="1.0" encoding="UTF-8"?>'];
  readonly #open: string[] = [];

  constructor(models: TypeModels, pretty: boolean) {
    this.#models = models;
    this.#pretty = pretty;
  }

  document(): string {
    return this.#parts.join('');
  }

  /** Opens the element of a resource, which `close` ends. */
  openResource(resource: Json, isRoot: boolean): TypeModel {
    const type = String(resource['resourceType']);
    const model = this.#models.get(type);
    if (model?.kind !== 'resource') throw new Error('what is to be written is no resource');
    this.#start(type, isRoot ? ` xmlns="${FHIR}">` : '>');
    this.#open.push(type);
    return model;
  }

  close(): void {
    this.#start(`/${this.#open.pop() ?? ''}`, '>');
  }

  /** The elements that an object has, without the underscore of ids and extensions. */
  inOrder(object: Json, model: TypeModel): string[] {
    const positions = elementPositions(model);
    const names = new Set<string>();
    for (const member of Object.keys(object)) {
      const name = member.startsWith('_') ? member.slice(1) : member;
      if (positions.has(name)) names.add(name);
      else if (member !== 'resourceType') throw new Error(`${model.name} has no member ${member}`);
    }
    return [...names].sort((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0));
  }

  property(object: Json, model: TypeModel, name: string): void {
    const property = model.properties.get(name);
    if (property === undefined) throw new Error(`${model.name} has no ${name}`);
    const values = listOf(object[name]);
    const twins = listOf(object[`_${name}`]);
    for (let i = 0; i < Math.max(values.length, twins.length); i += 1) {
      this.#element(property, values[i] ?? undefined, twins[i] ?? undefined);
    }
  }

  #element(property: Property, value: unknown, twin: unknown): void {
    const { name, type, kind } = property;
    if (type === 'xhtml') {
      const text = embeddedNarrative(String(value));
      const fault = narrativeFault(text);
      if (fault !== undefined) throw notWritable(`a narrative that is no XHTML: ${fault}`);
      this.#break();
      this.#parts.push(text);
    } else if (kind === 'primitive') {
      const written = value === undefined ? '' : attribute('value', value);
      this.#fields(name, 'Element', { object: (twin ?? {}) as Json, written });
    } else if (kind === 'resource') {
      this.#start(name, '>');
      this.#open.push(name);
      const resource = value as Json;
      const model = this.openResource(resource, false);
      for (const each of this.inOrder(resource, model)) this.property(resource, model, each);
      this.close();
      this.close();
    } else this.#fields(name, type, { object: value as Json, written: '' });
  }

  /** @param of `written`: an attribute after the id */
  #fields(
    name: string,
    type: string,
    of: { readonly object: Json; readonly written: string },
  ): void {
    const model = this.#models.get(type);
    if (model === undefined) throw new Error(`the definitions have no type ${type}`);
    const { object, written } = of;
    const names = this.inOrder(object, model);
    const attributes = names.filter((each) => isAttribute(model, each));
    const start = attributes.map((each) => attribute(each, object[each])).join('') + written;
    if (names.length === attributes.length) {
      this.#start(name, `${start}/>`);
      return;
    }
    this.#start(name, `${start}>`);
    this.#open.push(name);
    for (const each of names) {
      if (!isAttribute(model, each)) this.property(object, model, each);
    }
    this.close();
  }

  #start(name: string, rest: string): void {
    this.#break();
    this.#parts.push('<', name, rest);
  }

  #break(): void {
    if (this.#pretty) this.#parts.push('\n', '  '.repeat(this.#open.length));
  }
}

function attribute(name: string, value: unknown): string {
  const text = value instanceof Lexeme ? value.text : String(value);
  const written = escapeAttribute(text);
  if (written === undefined) throw notWritable('a character that XML does not know');
  return ` ${name}="${written}"`;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function notWritable(what: string): FhirError {
  return new FhirError(
    'not-acceptable',
    `This cannot be said in XML, only in JSON: it has ${what}`,
    {
      expression: 'http.Accept',
    },
  );
}
