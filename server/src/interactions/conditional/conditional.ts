import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { accept } from '../change/accept.ts';
import { changedBy, type Along } from '../change/change-set.ts';
import { commit } from '../change/commit.ts';
import { judgeAlone } from '../change/judge-change.ts';
import { claim, criteriaIn, Matcher, readCriteria, type Criteria } from './criteria.ts';
import {
  assertMeantForSeveral,
  assertPreconditions,
  UNCONDITIONAL,
  type Preconditions,
} from '../conditions/preconditions.ts';
import { patch } from '../change/patch.ts';
import { judgeRemovals } from '../change/judge-removals.ts';
import { boundsOf } from '../../access/bounds.ts';
import { disclose } from '../../access/disclose.ts';
import { createReply, updateReply, versionPath, type Reply } from '../../access/reply.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Changing } from '../change/changing.ts';
import type { Settings } from '../groups.ts';
import type { Selecting } from './selecting.ts';

interface ConditionalRequest {
  readonly type: string;
  /** Search parameters as in a URL. */
  readonly criteria: string;
  readonly along?: Along | undefined;
}

/**
 * FHIR conditional create: http://hl7.org/fhir/R4/http.html#ccreate
 *
 * @rule conditional create, If-None-Exist
 */
export async function createUnlessExists(
  services: Selecting,
  principal: Principal,
  asked: ConditionalRequest & { readonly body: Uint8Array },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'c');
  const text = criteriaIn(asked.criteria, { type, base: services.base });
  const criteria = await readCriteria(services, principal, { type, text });
  const accepted = accept(services.r4, type, asked.body);
  const matcher = new Matcher(services, principal);
  const change = {
    interaction: 'create',
    permission: 'c',
    method: 'POST',
    type,
    accepted,
    preconditions: UNCONDITIONAL,
  } as const;
  const { changes, existing } = await inTurn(services, criteria, () =>
    commit(services, principal, {
      prepare: async (decided) => {
        // Before looking for matches: see `claim`.
        const records = [await claim(services, criteria)];
        const existing = await matcher.one(criteria);
        if (existing !== undefined) return { changes: [], existing };
        const made = { ...change, id: services.newId() };
        return {
          changes: await judgeAlone(services, decided, made, asked.along),
          records,
          existing,
        };
      },
    }),
  );
  if (existing !== undefined) return found(services, principal, criteria, existing);
  const changed = changedBy(changes[0]);
  if (changed === undefined) throw new Error('a create always changes something');
  return createReply(changed);
}

/**
 * FHIR conditional update: http://hl7.org/fhir/R4/http.html#cond-update
 *
 * @rule conditional update
 */
export async function updateMatch(
  services: Selecting,
  principal: Principal,
  asked: ConditionalRequest & { readonly body: Uint8Array; readonly preconditions: Preconditions },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'u');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const accepted = accept(services.r4, type, asked.body);
  const matcher = new Matcher(services, principal);
  const change = {
    interaction: 'update',
    permission: 'u',
    method: 'PUT',
    type,
    accepted,
    preconditions: asked.preconditions,
  } as const;
  const { changes } = await inTurn(services, criteria, () =>
    commit(services, principal, {
      prepare: async (decided) => {
        const claimed = await claim(services, criteria);
        const match = await matcher.one(criteria);
        const id = idToUpdate(type, accepted.resource.id, match) ?? services.newId();
        const made = { ...change, id, fresh: match === undefined };
        return {
          changes: await judgeAlone(services, decided, made, asked.along),
          records: match === undefined ? [claimed] : [],
        };
      },
    }),
  );
  const changed = changedBy(changes[0]);
  if (changed === undefined) throw new Error('an update always changes something');
  return updateReply(changed);
}

/**
 * FHIR conditional patch: http://hl7.org/fhir/R4/http.html#patch
 *
 * @rule conditional patch
 */
export async function patchMatch(
  services: Changing & Disclosing,
  principal: Principal,
  asked: ConditionalRequest & Omit<Parameters<typeof patch>[2], 'id'>,
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'u');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const match = await new Matcher(services, principal).one(criteria);
  if (match === undefined) throw new FhirError('not-found', `The criteria select no ${type}`);
  return patch(services, principal, { ...asked, id: match.id });
}

/**
 * FHIR conditional delete, of several where that is allowed: http://hl7.org/fhir/R4/http.html#3.1.0.7.1
 *
 * @rule conditional delete
 */
export async function removeMatch(
  services: Selecting,
  principal: Principal,
  asked: ConditionalRequest & { readonly preconditions: Preconditions },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'd');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const matcher = new Matcher(services, principal);
  const { preconditions, along } = asked;
  const { changes, matches } = await commit(services, principal, {
    prepare: async (decided) => {
      const matches = await toDelete(services, matcher, { criteria, preconditions });
      const several = { matches, preconditions, along };
      return { changes: await judgeRemovals(services, decided, several), matches };
    },
  });
  const changed = matches.length === 1 ? changedBy(changes[0]) : undefined;
  return { status: 204, ...(changed === undefined ? {} : { version: changed.version }) };
}

/**
 * Returns what a conditional delete means: one at most, unless the operator allows several. A change of a Consent is
 * enforced by itself, so that is always one.
 *
 * @param asked `deleted`: ids that are deleted in the same step
 * @throws FhirError `precondition` when this cannot hold of so many
 */
export async function toDelete(
  { deleteMatches }: Pick<Settings, 'deleteMatches'>,
  matcher: Matcher,
  asked: {
    readonly criteria: Criteria;
    readonly preconditions: Preconditions;
    readonly deleted?: ReadonlySet<string> | undefined;
  },
): Promise<readonly StoredVersion[]> {
  const { criteria, preconditions, deleted } = asked;
  if (deleteMatches === 'multiple' && criteria.type !== 'Consent') {
    const matches = await matcher.all(criteria, deleted);
    if (matches.length === 0) assertPreconditions(preconditions, undefined);
    if (matches.length > 1) assertMeantForSeveral(preconditions);
    return matches;
  }
  const match = await matcher.one(criteria, deleted);
  if (match === undefined) assertPreconditions(preconditions, undefined);
  return match === undefined ? [] : [match];
}

/**
 * The id that a conditional update changes or makes; undefined when the server is to choose it.
 *
 * @param named id in the resource
 * @throws FhirError `structure` when the resource names another id than the match has
 */
export function idToUpdate(
  type: string,
  named: string | undefined,
  match: StoredVersion | undefined,
): string | undefined {
  if (match !== undefined && named !== undefined && named !== match.id) {
    throw new FhirError(
      'structure',
      'The id of the resource is not that of the one the criteria select',
      { expression: `${type}.id` },
    );
  }
  return match?.id ?? named;
}

function inTurn<T>(
  services: Pick<Selecting, 'turns'>,
  criteria: Criteria,
  act: () => Promise<T>,
): Promise<T> {
  return services.turns.take(criteria.key, act);
}

/** Shows what was there already like anything else: decided and recorded. */
function found(
  services: Disclosing,
  principal: Principal,
  criteria: Criteria,
  existing: StoredVersion,
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: 'create',
    type: criteria.type,
    permission: 's',
    query: criteria.text,
    find: () => Promise.resolve({ versions: [existing], named: [] }),
    reply: ([version]) => {
      if (version === undefined) {
        throw new FhirError('precondition', 'The condition cannot be judged for this caller');
      }
      return { status: 200, body: version.body, version, location: versionPath(version) };
    },
  });
}
