import { formatEtag, namesVersion, parseTags, type EntityTags } from '../../fhir/etag.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseHttpDate } from '../../fhir/http-date.ts';
import type { StoredVersion } from '../../store/resource-store.ts';

/**
 * Says what must hold of the current version for a write to be done: RFC 9110, section 13, and R4 http.html#concurrency. A
 * deleted resource has no current version.
 */
export interface Preconditions {
  readonly sentIn: SentIn;
  readonly ifMatch?: EntityTags | undefined;
  readonly ifNoneMatch?: EntityTags | undefined;
  /** Milliseconds since the epoch, of whole seconds. */
  readonly ifUnmodifiedSince?: number | undefined;
}

/** Headers of a request, or elements of `Bundle.entry.request`. */
export type SentIn = 'headers' | 'entry';

/** As text; what is absent was not sent. */
export type SentConditions = Readonly<Partial<Record<Condition, string | undefined>>>;

/** Is the precondition of a write that depends on nothing. */
export const UNCONDITIONAL: Preconditions = { sentIn: 'headers' };

/** Says what senders call each condition. */
export const NAMES = {
  ifMatch: { headers: 'If-Match', entry: 'request.ifMatch' },
  ifNoneMatch: { headers: 'If-None-Match', entry: 'request.ifNoneMatch' },
  ifUnmodifiedSince: { headers: 'If-Unmodified-Since', entry: 'request.ifUnmodifiedSince' },
  ifNoneExist: { headers: 'If-None-Exist', entry: 'request.ifNoneExist' },
  ifModifiedSince: { headers: 'If-Modified-Since', entry: 'request.ifModifiedSince' },
} as const;
export type Condition = keyof typeof NAMES;

/**
 * @throws FhirError `invalid` for what is no condition: what a client wants to depend on is never passed over
 *
 * @rule If-Match, If-None-Match, If-Unmodified-Since
 */
export function readPreconditions(sent: SentConditions, sentIn: SentIn): Preconditions {
  const tags = (condition: 'ifMatch' | 'ifNoneMatch'): EntityTags | undefined => {
    const text = sent[condition];
    if (text === undefined) return undefined;
    const parsed = parseTags(text);
    if (parsed !== undefined) return parsed;
    throw aboutCondition('invalid', {
      sentIn,
      condition,
      says: 'must be entity tags such as W/"3", or *',
    });
  };
  const date = sent.ifUnmodifiedSince;
  const since = date === undefined ? undefined : parseHttpDate(date);
  if (date !== undefined && since === undefined) {
    const condition = 'ifUnmodifiedSince';
    throw aboutCondition('invalid', {
      sentIn,
      condition,
      says: 'must be a date as HTTP writes it',
    });
  }
  return {
    sentIn,
    ifMatch: tags('ifMatch'),
    ifNoneMatch: tags('ifNoneMatch'),
    ifUnmodifiedSince: since,
  };
}

/**
 * In the order of RFC 9110, section 13.2.2. To be asked when it is sure that the caller may change the resource, and of
 * the very version that the write replaces.
 *
 * @throws FhirError `precondition` naming the condition that does not hold
 */
export function assertPreconditions(
  { sentIn, ifMatch, ifNoneMatch, ifUnmodifiedSince }: Preconditions,
  latest: StoredVersion | undefined,
): void {
  const current = latest?.deleted === false ? latest : undefined;
  const is = current === undefined ? 'there is no current version' : isNow(current);
  const fails = (condition: Condition, says: string): FhirError =>
    aboutCondition('precondition', { sentIn, condition, says });

  if (ifMatch !== undefined) {
    if (current === undefined || !namesVersion(ifMatch, current.version)) {
      throw fails('ifMatch', `does not hold: ${is}`);
    }
  } else if (ifUnmodifiedSince !== undefined && latest !== undefined) {
    // Deleting is a modification too. A date in a header has whole seconds.
    if (Math.floor(latest.lastUpdated / 1000) * 1000 > ifUnmodifiedSince) {
      throw fails('ifUnmodifiedSince', 'does not hold: it was changed since');
    }
  }
  if (ifNoneMatch === undefined || current === undefined) return;
  if (namesVersion(ifNoneMatch, current.version)) {
    throw fails('ifNoneMatch', `does not hold: ${is}`);
  }
}

/** Tags tell versions of one resource apart, and nothing about several. @throws FhirError `precondition` */
export function assertMeantForSeveral({ sentIn, ifMatch }: Preconditions): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const says = 'does not hold: it names a version of one resource, and the criteria select several';
  throw aboutCondition('precondition', { sentIn, condition: 'ifMatch', says });
}

function isNow({ version }: StoredVersion): string {
  return `the current version is ${formatEtag(version)}`;
}

/** The error that names a condition as its sender does, and where it was sent. */
export function aboutCondition(
  code: 'invalid' | 'precondition',
  of: { readonly sentIn: SentIn; readonly condition: Condition; readonly says: string },
): FhirError {
  const name = NAMES[of.condition][of.sentIn];
  // In a Bundle the place becomes that of the entry's request.
  const expression = of.sentIn === 'headers' ? `http.${name}` : 'http.request';
  return new FhirError(code, `${name} ${of.says}`, { expression });
}
