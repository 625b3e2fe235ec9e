import type { Property, TypeModels } from '../../../src/fhir/type-model.ts';
import { elementsOf, type XmlElement } from './read-xml.ts';

type Json = Record<string, unknown>;

/** A resource in FHIR's JSON format from its XML format: http://hl7.org/fhir/R4/json.html#xml */
export function resourceFromXml(models: TypeModels, xml: XmlElement): Json {
  return { resourceType: xml.name, ...fieldsFromXml(models, xml.name, xml) };
}

function fieldsFromXml(models: TypeModels, type: string, xml: XmlElement): Json {
  const model = models.get(type);
  if (model === undefined) throw new Error(`R4 has no type ${type}`);
  const fields: Json = {};
  for (const name of ['id', 'url']) {
    const value = xml.attributes.get(name);
    if (value !== undefined) fields[name] = value;
  }
  for (const child of elementsOf(xml)) {
    const property = model.properties.get(child.name);
    if (property === undefined) throw new Error(`R4 has no ${child.name} in ${type}`);
    if (property.kind === 'primitive') putPrimitive(models, fields, { property, child });
    else {
      const inner = elementsOf(child)[0];
      const value =
        property.kind === 'resource' && inner !== undefined
          ? resourceFromXml(models, inner)
          : fieldsFromXml(models, property.type, child);
      put(fields, property, property.name, value);
    }
  }
  return fields;
}

function putPrimitive(
  models: TypeModels,
  fields: Json,
  { property, child }: { readonly property: Property; readonly child: XmlElement },
): void {
  if (property.type === 'xhtml') {
    fields[property.name] = child.source;
    return;
  }
  const text = child.attributes.get('value');
  const twin = fieldsFromXml(models, 'Element', child);
  const extended = Object.keys(twin).length > 0;
  const twinName = `_${property.name}`;
  if (text !== undefined || property.many) {
    put(fields, property, property.name, text === undefined ? null : literal(property.type, text));
  }
  if (extended || (property.many && twinName in fields)) {
    const before = (fields[property.name] as unknown[] | undefined)?.length ?? 1;
    const twins = (fields[twinName] as unknown[] | undefined) ?? [];
    if (!property.many) fields[twinName] = twin;
    else {
      fields[twinName] = [
        ...twins,
        ...Array.from({ length: before - 1 - twins.length }, () => null),
        extended ? twin : null,
      ];
    }
  }
}

function put(fields: Json, property: Property, name: string, value: unknown): void {
  if (property.many) fields[name] = [...((fields[name] as unknown[] | undefined) ?? []), value];
  else fields[name] = value;
}

function literal(type: string, text: string): unknown {
  switch (type) {
    case 'boolean':
      return text === 'true';
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return Number(text);
    case 'decimal':
      return (JSON as unknown as { rawJSON: (lexeme: string) => unknown }).rawJSON(text);
    default:
      return text;
  }
}
