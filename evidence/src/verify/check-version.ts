import { commitment } from '../commitment.ts';
import type { EvidenceBundle } from '../evidence-bundle.ts';
import { JsonError } from '../json/json-error.ts';
import { scanJson } from '../json/scan-json.ts';
import { leafHash, resourcePseudonym } from '../leaf.ts';
import type { LogState } from '../log-state.ts';
import { verifyInclusion } from '../merkle.ts';
import { Refusal } from '../refusal.ts';
import { parseVersionLeaf } from './parse-bundle.ts';
import { withoutSurroundingSpace } from './surrounding-space.ts';

/** The bytes are what the leaf commits to, and say of themselves what the bundle says. */
export function checkContent({ resource, leaf, salt }: EvidenceBundle, held?: Uint8Array): string {
  const content = Buffer.from(resource.content, 'base64');
  const { commit } = parseVersionLeaf(Buffer.from(leaf, 'base64'));
  if (commitment(Buffer.from(salt, 'hex'), content) !== commit) {
    throw new Refusal('the bytes of the version are not those that the leaf commits to');
  }
  if (held !== undefined && Buffer.compare(held, content) !== 0) {
    throw new Refusal(`the given resource file ${differenceOf(held, content)}`);
  }
  const name = `${resource.type}/${resource.id} version ${resource.version}`;
  if (resource.deleted !== (content.length === 0)) {
    throw new Refusal('a deletion has no bytes, and everything else has some');
  }
  if (resource.deleted) return `${name} is a deletion, as its commitment says`;
  const named = readName(content);
  if (
    named.resourceType !== resource.type ||
    named.id !== resource.id ||
    named.versionId !== String(resource.version)
  ) {
    throw new Refusal(`the bytes are not those of ${name}`);
  }
  return `${name} has the ${content.length} bytes of commitment ${commit.slice(0, 16)}…`;
}

/** The commitment is to exact bytes, so white space around them is a difference too; but it is named as such. */
function differenceOf(held: Uint8Array, content: Uint8Array): string {
  const [mine, theirs] = [held, content].map((bytes) => Buffer.from(bytes).toString('latin1'));
  return bare(mine) === bare(theirs)
    ? 'differs from the bytes in the evidence in white space around them alone; the rest is the same'
    : 'differs from the bytes in the evidence';
}

function bare(latin1 = ''): string {
  return withoutSurroundingSpace(latin1.replace(/^\u00ef\u00bb\u00bf/, '')).text;
}

function readName(content: Uint8Array): { resourceType: unknown; id: unknown; versionId: unknown } {
  try {
    const { text } = scanJson(content);
    const { resourceType, id, meta } = JSON.parse(text) as Record<string, unknown>;
    const { versionId } = (meta ?? {}) as Record<string, unknown>;
    return { resourceType, id, versionId };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Refusal('the bytes of the version are not one JSON object');
  }
}

/** The leaf is a well-formed record of this version in this log. */
export function checkLeaf({ resource, leaf, salt, inclusion }: EvidenceBundle): string {
  const { log, seq, resource: pseudonym, at } = parseVersionLeaf(Buffer.from(leaf, 'base64'));
  if (seq !== resource.version) throw new Refusal(`the leaf is of version ${seq}`);
  if (pseudonym !== resourcePseudonym(Buffer.from(salt, 'hex'), resource.type, resource.id)) {
    throw new Refusal('the leaf is of another resource');
  }
  if (log !== inclusion.log) throw new Refusal(`the leaf is of the log of ${log}`);
  return `the log of ${log} records this version; its server says at ${at}`;
}

/** The leaf stands at its place under the root that the ledger holds. */
export function checkInclusion({ leaf, inclusion }: EvidenceBundle, state: LogState): string {
  const { index, size, hashes } = inclusion;
  if (state.size !== size) throw new Refusal(`the ledger states a log of ${state.size} leaves`);
  const included = verifyInclusion({
    leafHash: leafHash(Buffer.from(leaf, 'base64')),
    index,
    size,
    path: hashes.map((hash) => Buffer.from(hash, 'hex')),
    root: Buffer.from(state.root, 'hex'),
  });
  if (!included) throw new Refusal(`the proof does not lead from leaf ${index} to the log's root`);
  return `leaf ${index} of ${size} under root ${state.root.slice(0, 16)}…`;
}
