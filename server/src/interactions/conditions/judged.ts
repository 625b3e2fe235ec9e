import {
  aboutCondition,
  type Condition,
  type SentConditions,
  type SentIn,
} from './preconditions.ts';

const OF_READ = ['ifNoneMatch', 'ifModifiedSince'] as const;
const OF_VERSION = ['ifMatch', 'ifNoneMatch', 'ifUnmodifiedSince'] as const;

/**
 * Says which conditions are judged, by interaction of R4, and of an operation by what a call of it does. HTTP and entries
 * of Bundles ask here.
 */
const JUDGED = {
  read: OF_READ,
  vread: OF_READ,
  history: OF_READ,
  search: OF_READ,
  create: ['ifNoneExist'],
  update: OF_VERSION,
  patch: OF_VERSION,
  delete: OF_VERSION,
  'batch-or-transaction': [],
  /** It makes the next version of one resource. */
  'operation-on-version': OF_VERSION,
  operation: [],
} as const satisfies Readonly<Record<string, readonly Condition[]>>;

/** Names what a condition may be sent with. */
export type Conditioned = keyof typeof JUDGED;

const ONE_RESOURCE = 'the update, patch or delete of one resource';
const BELONGS_TO: Readonly<Record<Condition, string>> = {
  ifMatch: ONE_RESOURCE,
  ifNoneMatch: ONE_RESOURCE,
  ifUnmodifiedSince: ONE_RESOURCE,
  ifNoneExist: 'the create of one resource',
  ifModifiedSince: 'a read',
};

export function isJudged(by: Conditioned, condition: Condition): boolean {
  const judged: readonly Condition[] = JUDGED[by];
  return judged.includes(condition);
}

/** @throws FhirError `invalid` for a condition that would be passed over without a word */
export function refuseUnjudged(by: Conditioned, sent: SentConditions, sentIn: SentIn): void {
  for (const condition of Object.keys(BELONGS_TO) as Condition[]) {
    if (sent[condition] === undefined || isJudged(by, condition)) continue;
    const says = `belongs to ${BELONGS_TO[condition]}`;
    throw aboutCondition('invalid', { sentIn, condition, says });
  }
}
