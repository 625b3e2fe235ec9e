import type { Property, TypeModel } from '../type-model.ts';
import { elementPositions } from './element-positions.ts';

/** Repetitions of one element, as JSON texts. */
interface Run {
  readonly property: Property;
  readonly values: (string | undefined)[];
  /** Ids and extensions of primitives. */
  readonly twins: (string | undefined)[];
}

/** The members of a JSON object, made from the elements of an XML element in their order. */
export class JsonFields {
  readonly model: TypeModel;
  #json = '';
  #run: Run | undefined;

  constructor(model: TypeModel) {
    this.model = model;
  }

  /** Tells how many elements like the last one there are. */
  get repetitions(): number {
    return this.#run?.values.length ?? 0;
  }

  /** Makes ready for a child element; says what is wrong with its place, or undefined. */
  begin(property: Property): string | undefined {
    const before = this.#run?.property;
    if (before?.name === property.name) {
      return property.many ? undefined : `${property.name} must not be repeated`;
    }
    if (before !== undefined) {
      const positions = elementPositions(this.model);
      const distance = (positions.get(property.name) ?? 0) - (positions.get(before.name) ?? 0);
      if (distance === 0) return `${before.name} and ${property.name} exclude each other`;
      if (distance < 0) return `${property.name} must stand before ${before.name}`;
    }
    this.#flush();
    this.#run = { property, values: [], twins: [] };
    return undefined;
  }

  /** The child element's value. */
  add(value: string | undefined, twin?: string): void {
    this.#run?.values.push(value);
    this.#run?.twins.push(twin);
  }

  /** A member that is no element in XML. */
  put(name: string, value: string): void {
    this.#json += `${this.#json === '' ? '' : ','}"${name}":${value}`;
  }

  /** The object; undefined when it has no members. */
  close(): string | undefined {
    this.#flush();
    return this.#json === '' ? undefined : `{${this.#json}}`;
  }

  #flush(): void {
    if (this.#run === undefined) return;
    const { property, values, twins } = this.#run;
    const list = (texts: readonly (string | undefined)[]): string =>
      property.many ? `[${texts.map((text) => text ?? 'null').join(',')}]` : (texts[0] ?? 'null');
    if (values.some((value) => value !== undefined)) this.put(property.name, list(values));
    if (twins.some((twin) => twin !== undefined)) this.put(`_${property.name}`, list(twins));
    this.#run = undefined;
  }
}
