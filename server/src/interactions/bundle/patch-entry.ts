import { FhirError } from '../../fhir/errors.ts';

/** A patch as an entry carries it: FHIRPath Patch as Parameters, JSON Patch in a Binary (R4 http.html#transaction). */
export function patchIn(text: string): { readonly mediaType: string; readonly body: Uint8Array } {
  const resource = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (resource['resourceType'] !== 'Binary') {
    return { mediaType: 'application/fhir+json', body: Buffer.from(text, 'utf8') };
  }
  const { contentType, data } = resource;
  if (typeof contentType !== 'string' || typeof data !== 'string') {
    throw new FhirError('structure', 'A patch in a Binary needs contentType and data', {
      expression: 'Binary',
    });
  }
  return { mediaType: contentType, body: Buffer.from(data, 'base64') };
}
