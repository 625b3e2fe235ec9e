import type { EvidenceBundle } from '../evidence-bundle.ts';
import { namesAuthor } from './check-author.ts';

const ALWAYS = [
  'that what the version says is true, or who dictated it',
  'that it is the newest version',
  'when it was written: the instant in the leaf is the word of its server, no trusted clock signed it',
];
const FABRIC = [
  'that the peers applied the transaction: its validity flag is signed by nobody, a peer of the channel can be asked',
  'that the certificates were valid and not revoked at the time; their dates are printed',
];
const EMBEDDED = [
  'anything between organisations: the DEVELOPMENT ledger is one process with one key; whoever holds it can rewrite everything',
  'that this log was not forked or rewritten',
];
const AUTHOR_TOLD =
  'that its author is who the leaf says: it is the word of its server, which verified an access token';
const NO_AUTHOR = 'who wrote it: its leaf commits to no author, as those of earlier servers';

/** Returns what a verified bundle leaves open. */
export function notProved(bundle: EvidenceBundle | undefined): readonly string[] {
  if (bundle === undefined) return [];
  const ofLedger = bundle.append.ledger === 'fabric' ? FABRIC : EMBEDDED;
  return [...ofLedger, ...ALWAYS, namesAuthor(bundle) ? AUTHOR_TOLD : NO_AUTHOR];
}
