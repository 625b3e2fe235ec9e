import {
  decodeUtf8,
  JsonError,
  scanElements,
  type JsonElement,
  type ScannedJson,
} from '@chartseal/evidence';
import { withoutByteOrderMark } from '../../fhir/byte-order-mark.ts';
import { FhirError } from '../../fhir/errors.ts';
import { breather } from '../breather.ts';

/** An entry as it was sent; its resource is exact text. */
export interface RawEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly request: unknown;
  readonly resource: string | undefined;
}

export interface ReadBundle {
  readonly type: 'batch' | 'transaction';
  readonly entries: readonly RawEntry[];
}

/** Three levels lie around each resource, which may be as deep as one that comes alone. */
const LIMITS = { maxDepth: 64 + 3 };
const MEMBERS = new Set(['id', 'extension', 'fullUrl', '_fullUrl', 'link', 'resource', 'request']);

/**
 * Takes a Bundle apart without converting its resources, in steps that let others work in between.
 *
 * @throws FhirError for what is no JSON, no Bundle, or neither batch nor transaction
 */
export async function readBundle(clock: () => number, body: Uint8Array): Promise<ReadBundle> {
  if (body.length === 0) throw new FhirError('structure', 'The request has no body');
  const breathe = breather(clock);
  try {
    const text = decodeUtf8(withoutByteOrderMark(body));
    const elements: JsonElement[] = [];
    const scanning = scanElements(text, 'entry', LIMITS);
    for (;;) {
      const step = scanning.next();
      if (step.done === true) return await assemble(step.value, elements, breathe);
      elements.push(step.value);
      await breathe();
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FhirError('structure', error.message, {
      ...(error.path === '' ? {} : { expression: error.path }),
    });
  }
}

async function assemble(
  whole: ScannedJson,
  elements: readonly JsonElement[],
  breathe: () => Promise<void>,
): Promise<ReadBundle> {
  const member = (name: string): unknown => {
    const found = whole.members.find((each) => each.name === name);
    return found && JSON.parse(whole.text.slice(found.valueStart, found.valueEnd));
  };
  if (member('resourceType') !== 'Bundle') {
    throw new FhirError('structure', 'A Bundle is expected here', { expression: 'resourceType' });
  }
  const type = member('type');
  if (type !== 'batch' && type !== 'transaction') {
    throw new FhirError('invalid', 'Only a Bundle of type batch or transaction can be processed', {
      expression: 'Bundle.type',
    });
  }
  const listed = whole.members.find(({ name }) => name === 'entry');
  if (listed !== undefined && !whole.text.startsWith('[', listed.valueStart)) {
    throw new FhirError('structure', 'Bundle.entry must be an array', {
      expression: 'Bundle.entry',
    });
  }
  const entries: RawEntry[] = [];
  for (const element of elements) {
    entries.push(rawEntry(whole.text, element, entries.length));
    await breathe();
  }
  return { type, entries };
}

function rawEntry(text: string, element: JsonElement, index: number): RawEntry {
  const refuse = (what: string, at = ''): never => {
    const place = `Bundle.entry[${index}]`;
    throw new FhirError('structure', `${place}: ${what}`, { expression: `${place}${at}` });
  };
  if (element.members === undefined) return refuse('an entry must be an object');
  const found = new Map<string, string>();
  for (const { name, valueStart, valueEnd } of element.members) {
    if (!MEMBERS.has(name))
      refuse(`an entry of a request has no ${JSON.stringify(name.slice(0, 64))}`);
    found.set(name, text.slice(valueStart, valueEnd));
  }
  const parsed = (name: string): unknown => {
    const value = found.get(name);
    return value === undefined ? undefined : JSON.parse(value);
  };
  const fullUrl = parsed('fullUrl');
  if (fullUrl !== undefined && typeof fullUrl !== 'string') {
    return refuse('fullUrl must be a string', '.fullUrl');
  }
  const resource = found.get('resource');
  if (resource !== undefined && !resource.startsWith('{')) {
    return refuse('resource must be an object', '.resource');
  }
  return { index, fullUrl, request: parsed('request'), resource };
}
