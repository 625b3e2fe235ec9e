import type { ResourceFacts } from '@chartseal/chaincode';
import { canConcern } from '../r4/concerns.ts';
import type { Registry } from '../search/registry.ts';
import { contentOf } from '../store/content-of.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { partFacts } from './part-facts.ts';
import { factsOf, type Json } from './resource-facts.ts';

type Content = Pick<StoredVersion, 'type' | 'id' | 'body'>;

/** A resource, or one that it holds: its class is asked about, and its facts are what residual rules are asked of. */
export interface VersionPart {
  readonly className: string;
  readonly facts: () => ResourceFacts;
}

interface Known {
  readonly of: string;
  readonly parts: readonly VersionPart[];
}

const known = new WeakMap<Uint8Array, Known>();

/**
 * Returns what consent is asked about when this version is to be seen: itself, and what it holds of types that can concern
 * a patient. What is found is kept as long as the body is.
 */
export function versionParts(
  registry: Registry,
  content: Content,
  base?: string,
): readonly VersionPart[] {
  const { type, id, body } = content;
  const of = `${type}/${id} ${base ?? ''}`;
  const found = known.get(body);
  if (found?.of === of) return found.parts;
  const parts = partsOf(registry, content, base);
  if (body.length > 0) known.set(body, { of, parts });
  return parts;
}

function partsOf(registry: Registry, content: Content, base?: string): readonly VersionPart[] {
  const { type, body } = content;
  if (!mayHold(type, body)) {
    let facts: ResourceFacts | undefined;
    return [{ className: type, facts: () => (facts ??= factsOfVersion(content, base)) }];
  }
  return partFacts(resourceOf(content), base)
    .filter(({ className }, i) => i === 0 || canConcern(registry, className))
    .map(({ className, facts }) => ({ className, facts: () => facts }));
}

/** Returns what residual rules ask of a version as a whole. A tombstone has no content: only its identity is judged. */
export function factsOfVersion(content: Content, base?: string): ResourceFacts {
  return factsOf(resourceOf(content), base);
}

function resourceOf({ type, id, body }: Content): Json {
  return { ...contentOf({ body }), resourceType: type, id };
}

/** Tells whether there may be something in it: most resources need no second look. Names are written without escapes. */
function mayHold(type: string, body: Uint8Array): boolean {
  if (body.length === 0 || type === 'Binary') return false;
  if (type === 'Bundle' || type === 'Parameters') return true;
  const json = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return json.includes('"contained"');
}
