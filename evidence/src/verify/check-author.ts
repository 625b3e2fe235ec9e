import { authorCommitment } from '../author.ts';
import type { EvidenceBundle } from '../evidence-bundle.ts';
import { Refusal } from '../refusal.ts';
import { parseVersionLeaf } from './parse-bundle.ts';

/** Tells whether there is something to judge: somebody is named, or the leaf commits to somebody. */
export function namesAuthor({ author, leaf }: Pick<EvidenceBundle, 'author' | 'leaf'>): boolean {
  return author !== undefined || committedIn(leaf) !== undefined;
}

/** The version was written by whom its leaf commits to. */
export function checkAuthor({ author, leaf }: EvidenceBundle): string {
  const { author: committed, log } = parseVersionLeaf(Buffer.from(leaf, 'base64'));
  if (author === undefined) {
    throw new Refusal('the leaf commits to an author, whom the evidence does not name');
  }
  if (committed === undefined) throw new Refusal('the leaf commits to no author');
  if (authorCommitment(author) !== committed) {
    throw new Refusal('the author is not the one that the leaf commits to');
  }
  const { role, practitioner, patient, subject, organization, msp, client } = author.written;
  const { purposes, request } = author.written;
  const who = practitioner ?? patient ?? subject;
  const asked = request === undefined ? '' : `, request ${request}`;
  return `${who} (${role} of ${organization}, ${msp}) wrote it through ${client} for ${purposes.join(', ')}${asked}, as the server of ${log} says`;
}

/** A leaf that cannot be read is another claim's matter. */
function committedIn(leaf: string): string | undefined {
  try {
    return parseVersionLeaf(Buffer.from(leaf, 'base64')).author;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
