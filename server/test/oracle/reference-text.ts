import { containedIn, outermost } from './contained.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';

/** Our own base URL in the searches of this suite. */
export const BASE = 'http://127.0.0.1:8080/fhir';

/** What a reference's text says: `Patient/1`, possibly below a server's base, possibly with a version. */
export interface Place {
  /** Absolute base; undefined: ours. */
  readonly base?: string;
  readonly type: string;
  readonly id: string;
}

/** Undefined for `urn:…`, contained resources and whatever else names no type and id. */
export function placeOf(reference: string): Place | undefined {
  const parts =
    /^(?:(https?:\/\/.+?)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(
      reference,
    );
  if (parts === null) return undefined;
  const [, base, type = '', id = ''] = parts;
  return base === undefined || base === BASE ? { type, id } : { base, type, id };
}

/** The type of what a Reference points to, as far as the reference itself or its own resource tells. */
export function typeOfReference(reference: Json, resource: Json): string | undefined {
  const literal = text(reference['reference']);
  if (literal?.startsWith('#') === true) {
    const all = containedIn(outermost(resource));
    const contained = all.find(({ id }) => `#${String(id)}` === literal);
    return text(contained?.['resourceType']);
  }
  return (literal === undefined ? undefined : placeOf(literal)?.type) ?? text(reference['type']);
}
