import { JsonError, scanJson, stampResource, type ScannedJson } from '@chartseal/evidence';
import type { Resource } from 'fhir/r4.js';
import { withoutByteOrderMark } from '../../fhir/byte-order-mark.ts';
import { FhirError, type Issue } from '../../fhir/errors.ts';
import type { R4 } from '../../r4/r4.ts';
import { isError, issuesOf } from './issues-of.ts';

/** A resource as a client sent it: checked, its text untouched. */
export interface Accepted {
  readonly type: string;
  readonly scanned: ScannedJson;
  readonly resource: Resource;
  /** Says what is strange in it and yet taken. */
  readonly warnings: readonly Issue[];
}

/**
 * Strict JSON, the type the URL names, valid by the R4 definitions, and promising nothing that is not done.
 *
 * @throws FhirError `structure` for what is no JSON or another type, `unprocessable` for what has errors
 */
export function accept(r4: R4, type: string, body: Uint8Array | string): Accepted {
  const scanned = readJson(body);
  const resource = JSON.parse(scanned.text) as Resource;
  if (typeof resource.resourceType !== 'string') {
    throw new FhirError('structure', 'resourceType is missing', { expression: 'resourceType' });
  }
  if (resource.resourceType !== type) {
    throw new FhirError('structure', `A ${type} is expected here, not a ${resource.resourceType}`, {
      expression: 'resourceType',
    });
  }
  const issues = issuesOf(r4, resource);
  const errors = issues.filter(isError);
  if (errors.length > 0) {
    throw new FhirError('unprocessable', 'The resource cannot be kept', { issues: errors });
  }
  return { type, scanned, resource, warnings: issues };
}

/** @throws FhirError `structure` */
export function readJson(body: Uint8Array | string): ScannedJson {
  if (body.length === 0) throw new FhirError('structure', 'The request has no body');
  try {
    return scanJson(typeof body === 'string' ? body : withoutByteOrderMark(body));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FhirError('structure', error.message, {
      ...(error.path === '' ? {} : { expression: error.path }),
    });
  }
}

/** The client's own text with the server's id, version and time in it; every other byte as sent. */
export function stamp(
  scanned: ScannedJson,
  by: { readonly id: string; readonly version: number; readonly at: string },
): Uint8Array {
  return Buffer.from(
    stampResource(scanned, { id: by.id, versionId: String(by.version), lastUpdated: by.at }),
    'utf8',
  );
}
