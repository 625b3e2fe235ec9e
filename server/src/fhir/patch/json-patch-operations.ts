import { JsonError, scanJson } from '@chartseal/evidence';
import { withoutByteOrderMark } from '../byte-order-mark.ts';
import { FhirError } from '../errors.ts';
import { parsePointer } from './json-pointer.ts';
import { member, stringOf, type JsonEntry, type JsonNode, type JsonObject } from './json-tree.ts';
import { parseTree } from './parse-tree.ts';
import { malformed } from './patch-fault.ts';

type Pointer = readonly string[];

/** One operation of RFC 6902. Members it does not know are passed over, as section 4 asks. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Pointer; readonly value: JsonNode }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move' | 'copy'; readonly path: Pointer; readonly from: Pointer };

const MOST_OPERATIONS = 10_000;
/** Is what the strict scan, which takes objects only, is shown in front of the array. */
const PREFIX = '{"patch":';

/** @throws FhirError `structure` naming the operation, counted from 0 */
export function readJsonPatch(body: Uint8Array): readonly JsonPatchOperation[] {
  if (body.length === 0) throw new FhirError('structure', 'The request has no body');
  const { value } = parseTree(scanArray(body));
  if (value.kind !== 'array') throw notAnArray();
  if (value.entries.length > MOST_OPERATIONS) {
    throw new FhirError('structure', `A patch has at most ${MOST_OPERATIONS} operations`);
  }
  return value.entries.map(operation);
}

function scanArray(body: Uint8Array): string {
  try {
    const array = withoutByteOrderMark(body);
    const scanned = scanJson(Buffer.concat([Buffer.from(PREFIX), array, Buffer.from('}')]), {
      maxDepth: 65,
    });
    if (scanned.members.length !== 1) throw notAnArray();
    return scanned.text.slice(PREFIX.length, -1);
  } catch (error) {
    if (error instanceof JsonError) throw notJson(error);
    throw error;
  }
}

function notJson(error: JsonError): FhirError {
  const what = error.message.split(' at patch')[0]?.replace(/ \(line.*$/, '') ?? '';
  const column = error.line === 1 ? Math.max(1, error.column - PREFIX.length) : error.column;
  const detail = `${what} (line ${error.line}, column ${column})`;
  const index = /^patch\[(\d+)\]/.exec(error.path)?.[1];
  return index === undefined
    ? new FhirError('structure', detail)
    : malformed(Number(index), detail);
}

function notAnArray(): FhirError {
  return new FhirError('structure', 'A JSON Patch is an array of operations');
}

function operation({ value }: JsonEntry, index: number): JsonPatchOperation {
  if (value.kind !== 'object') throw malformed(index, 'an operation is an object');
  const op = stringOf(member(value, 'op')?.value);
  const path = pointer(value, 'path', index);
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const given = member(value, 'value');
      if (given === undefined) throw malformed(index, `"${op}" needs a value`);
      return { op, path, value: given.value };
    }
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointer(value, 'from', index) };
    default:
      throw malformed(index, 'op must be one of add, remove, replace, move, copy, test');
  }
}

function pointer(operation: JsonObject, name: 'path' | 'from', index: number): Pointer {
  const text = stringOf(member(operation, name)?.value);
  const tokens = text === undefined ? undefined : parsePointer(text);
  if (tokens === undefined) throw malformed(index, `${name} must be a JSON Pointer`);
  return tokens;
}
