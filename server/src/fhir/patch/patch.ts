import { JsonError, scanJson } from '@chartseal/evidence';
import { withoutByteOrderMark } from '../byte-order-mark.ts';
import { FhirError, type Issue } from '../errors.ts';
import { namedFormat, parseMediaType } from '../media-type.ts';
import type { TypeModels } from '../type-model.ts';
import { applyFhirPathPatch } from './fhirpath-patch.ts';
import { readFhirPathPatch } from './fhirpath-operations.ts';
import { applyJsonPatch } from './json-patch.ts';
import { readJsonPatch } from './json-patch-operations.ts';
import { member, print, printEntry, stringOf, type JsonObject } from './json-tree.ts';
import { parseTree } from './parse-tree.ts';

/**
 * A patch that was read and understood. It gives the patched text of a resource, everything it does not touch as it was
 * written; an empty one gives the text itself.
 *
 * @throws FhirError `unprocessable` when it cannot be applied
 */
export type Patch = (text: string) => string;

export const PATCH_FORMATS = ['application/json-patch+json', 'application/fhir+json'] as const;

/** Reads JSON Patch (RFC 6902) and FHIRPath Patch (a Parameters resource), told apart by their media type. */
export function createPatchReader(
  models: TypeModels,
  validate: (resource: unknown) => readonly Issue[],
): (mediaType: string, body: Uint8Array) => Patch {
  return (mediaType, body) => {
    const { name } = parseMediaType(mediaType);
    if (name === 'application/json-patch+json') {
      const operations = readJsonPatch(body);
      return (text) => patched(text, (document) => applyJsonPatch(document, operations));
    }
    if (namedFormat(name) === 'json') {
      const operations = readFhirPathPatch(models, readParameters(body, validate));
      return (text) =>
        patched(text, ({ value }) => {
          if (value.kind !== 'object') throw new Error('a stored resource is an object');
          applyFhirPathPatch(models, value, operations);
        });
    }
    throw new FhirError('media-type', `Send a patch as ${PATCH_FORMATS.join(' or ')}`, {
      expression: 'http.Content-Type',
    });
  };
}

function patched(text: string, apply: (document: ReturnType<typeof parseTree>) => void): string {
  const document = parseTree(text);
  const before = identity(document.value);
  apply(document);
  if (identity(document.value) !== before) {
    throw new FhirError('unprocessable', 'A patch cannot change resourceType or id');
  }
  return printEntry(document);
}

/** Type and id of a resource as JSON text. */
function identity(resource: ReturnType<typeof parseTree>['value']): string | undefined {
  if (resource.kind !== 'object') return undefined;
  const values = ['resourceType', 'id'].map((name) => stringOf(member(resource, name)?.value));
  return JSON.stringify(values);
}

function readParameters(
  body: Uint8Array,
  validate: (resource: unknown) => readonly Issue[],
): JsonObject {
  if (body.length === 0) throw new FhirError('structure', 'The request has no body');
  const { value } = parseTree(scanned(body));
  const type = value.kind === 'object' ? stringOf(member(value, 'resourceType')?.value) : undefined;
  if (value.kind !== 'object' || type !== 'Parameters') {
    throw new FhirError('structure', 'A FHIRPath Patch is a Parameters resource', {
      expression: 'resourceType',
    });
  }
  const issues = validate(JSON.parse(print(value))).filter(({ severity }) => severity === 'error');
  if (issues.length > 0) throw new FhirError('structure', 'The patch is not valid', { issues });
  return value;
}

function scanned(body: Uint8Array): string {
  try {
    return scanJson(withoutByteOrderMark(body)).text;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FhirError('structure', error.message, {
      ...(error.path === '' ? {} : { expression: error.path }),
    });
  }
}
