import { JsonError, lineAndColumn } from './json-error.ts';
import type { JsonMember, ScannedJson } from './json-spans.ts';
import { scanJson } from './scan-json.ts';

/** Holds what a server assigns to a version; `lastUpdated` is a FHIR instant. */
export interface ResourceStamp {
  readonly id: string;
  readonly versionId: string;
  readonly lastUpdated: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Writes `id`, `meta.versionId` and `meta.lastUpdated` into the client's own text and leaves every other
 * character as it is. Present values are replaced where they stand; missing members go right after
 * `resourceType`, or to the start of the object without it.
 *
 * @param resource the scan of the text, so that it is not scanned again; or the text
 * @throws JsonError as `scanJson` does, and `not-an-object` when `meta` is something else
 */
export function stampResource(resource: ScannedJson | string, stamp: ResourceStamp): string {
  const scan = typeof resource === 'string' ? scanJson(resource) : resource;
  const { text, members } = scan;
  const find = (name: string) => members.find((member) => member.name === name);
  const edits: Edit[] = [];
  const missing: string[] = [];

  const id = find('id');
  if (id === undefined) missing.push(`"id":${JSON.stringify(stamp.id)}`);
  else edits.push(replaceValue(id, stamp.id));

  const meta = find('meta');
  if (meta === undefined) {
    const { versionId, lastUpdated } = stamp;
    missing.push(`"meta":${JSON.stringify({ versionId, lastUpdated })}`);
  } else edits.push(...metaEdits(meta, scan, stamp));

  if (missing.length > 0) {
    const after = find('resourceType');
    const start = after?.valueEnd ?? text.indexOf('{') + 1;
    const joined = missing.join(',');
    const inserted = after ? `,${joined}` : members.length > 0 ? `${joined},` : joined;
    edits.push({ start, end: start, text: inserted });
  }
  return splice(text, edits);
}

function metaEdits(meta: JsonMember, scan: ScannedJson, stamp: ResourceStamp): Edit[] {
  if (scan.metaMembers === undefined) {
    const position = meta.valueStart;
    const place = { position, path: 'meta', ...lineAndColumn(scan.text, position) };
    throw new JsonError('not-an-object', 'a JSON object is expected', place);
  }
  const edits: Edit[] = [];
  const missing: string[] = [];
  const { versionId, lastUpdated } = stamp;
  for (const [name, value] of Object.entries({ versionId, lastUpdated })) {
    const present = scan.metaMembers.find((member) => member.name === name);
    if (present === undefined) missing.push(`"${name}":${JSON.stringify(value)}`);
    else edits.push(replaceValue(present, value));
  }
  if (missing.length > 0) {
    const start = meta.valueStart + 1;
    const comma = scan.metaMembers.length > 0 ? ',' : '';
    edits.push({ start, end: start, text: missing.join(',') + comma });
  }
  return edits;
}

function replaceValue(member: JsonMember, value: string): Edit {
  return { start: member.valueStart, end: member.valueEnd, text: JSON.stringify(value) };
}

function splice(text: string, edits: readonly Edit[]): string {
  let result = '';
  let from = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}
