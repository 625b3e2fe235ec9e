import { scanElements, type JsonElement } from '@chartseal/evidence';
import type { TypeModels } from '../type-model.ts';
import { parseLexemes, type Json } from './parse-lexemes.ts';
import { XmlWriter } from './xml-writer.ts';

/** Deeper than what is stored: a Bundle lies around it. */
const LIMITS = { maxDepth: 80 };

/**
 * A resource that this server made or stored, from its JSON text to XML (R4 xml.html): elements in the order of their
 * definitions, numbers with the digits they have, narrative as the very text it is. Pauses between the entries of a
 * Bundle.
 *
 * @throws FhirError `not-acceptable` for what XML cannot hold
 * @rule XML
 */
export function* jsonToXml(
  models: TypeModels,
  text: string,
  { pretty = false } = {},
): Generator<undefined, string> {
  const entries: JsonElement[] = [];
  const scanning = scanElements(text, 'entry', LIMITS);
  let step = scanning.next();
  for (; step.done !== true; step = scanning.next()) {
    entries.push(step.value);
    yield undefined;
  }
  const root: Record<string, unknown> = {};
  for (const { name, valueStart, valueEnd } of step.value.members) {
    // Entries are converted one by one.
    const isEntries = name === 'entry' && entries.length > 0;
    root[name] = isEntries ? [] : parseLexemes(text.slice(valueStart, valueEnd));
  }
  const writer = new XmlWriter(models, pretty);
  const model = writer.openResource(root, true);
  for (const name of writer.inOrder(root, model)) {
    if (name !== 'entry' || entries.length === 0) writer.property(root, model, name);
    else {
      for (const { start, end } of entries) {
        writer.property({ entry: [parseLexemes(text.slice(start, end)) as Json] }, model, name);
        yield undefined;
      }
    }
  }
  writer.close();
  return writer.document();
}
