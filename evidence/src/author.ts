import { canonicalJson, type CanonicalValue } from './canonical.ts';
import { commitment } from './commitment.ts';
import { literal, list, object, text, type Shape } from './shape.ts';

/** Says who wrote a version, as the access token told its server; references are relative FHIR references. */
export interface Author {
  readonly v: 1;
  readonly role: string;
  /** `sub` of the token. */
  readonly subject: string;
  /** `Practitioner/…` of a person who works for the organisation. */
  readonly practitioner?: string;
  /** `Patient/…` where the writer is the patient. */
  readonly patient?: string;
  /** `Organization/…` of the writer, and its MSP id. */
  readonly organization: string;
  readonly msp: string;
  /** OAuth client id. */
  readonly client: string;
  /** Codes of v3-ActReason. */
  readonly purposes: readonly string[];
  /** Id of the request, as its answer named it in `X-Request-Id`. */
  readonly request?: string;
}

/** Opens the author's commitment in a leaf. */
export interface OpenedAuthor {
  readonly written: Author;
  /** 32 bytes of its own, hex: the salt of the version does not open it. */
  readonly salt: string;
}

/** HMAC-SHA256(salt, canonical JSON of the author) in hex, as a leaf holds it. */
export function authorCommitment({ written, salt }: OpenedAuthor): string {
  return commitment(Buffer.from(salt, 'hex'), canonicalJson(written as unknown as CanonicalValue));
}

const printable = (most: number): RegExp => new RegExp(`^[\\x20-\\x7e]{1,${most}}$`);
const reference = (type: string): Shape<string> =>
  text(new RegExp(`^${type}/[A-Za-z0-9.-]{1,64}$`), `a reference to a ${type}`);
const word = text(/^[A-Za-z0-9._-]{1,100}$/, 'a word');

/** Reads an author of unknown origin. */
export const author: Shape<Author> = object(
  {
    v: literal(1),
    role: word,
    subject: text(printable(4_096), 'a subject'),
    organization: reference('Organization'),
    msp: word,
    client: text(printable(4_096), 'a client id'),
    purposes: list(word, 64, 1),
  },
  {
    practitioner: reference('Practitioner'),
    patient: reference('Patient'),
    request: text(printable(128), 'the id of a request'),
  },
);
