import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { accept } from '../change/accept.ts';
import { commitVersion, type Along } from '../change/commit-version.ts';
import { claim, criteriaIn, Matcher, readCriteria, type Criteria } from './criteria.ts';
import {
  assertMeantForSeveral,
  assertPreconditions,
  UNCONDITIONAL,
  type Preconditions,
} from './preconditions.ts';
import { patch } from '../change/patch.ts';
import { removeAll } from '../change/remove-all.ts';
import { boundsOf, disclose } from '../perform.ts';
import { updateReply, versionPath, type Reply } from '../reply.ts';
import type { Services } from '../services.ts';
import { tryAgain } from './try-again.ts';

interface Asked {
  readonly type: string;
  /** Search parameters as in a URL. */
  readonly criteria: string;
  readonly along?: Along | undefined;
}

/** FHIR conditional create: http://hl7.org/fhir/R4/http.html#ccreate */
export async function createUnlessExists(
  services: Services,
  principal: Principal,
  asked: Asked & { readonly body: Uint8Array },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'c');
  const text = criteriaIn(asked.criteria, { type, base: services.base });
  const criteria = await readCriteria(services, principal, { type, text });
  const accepted = accept(services.r4, type, asked.body);
  const matcher = new Matcher(services, principal);
  const made = await inTurn(services, criteria, async () => {
    const claimed = await claim(services, criteria);
    const existing = await matcher.one(criteria);
    if (existing !== undefined) return { existing };
    const changed = await commitVersion(services, principal, {
      interaction: 'create',
      permission: 'c',
      method: 'POST',
      type,
      id: services.newId(),
      accepted,
      preconditions: UNCONDITIONAL,
      records: [claimed],
      along: asked.along,
    });
    return { changed };
  });
  if (made.existing !== undefined) return found(services, principal, criteria, made.existing);
  if (made.changed === undefined) throw new Error('a create always changes something');
  const { version, warnings } = made.changed;
  return { status: 201, body: version.body, version, warnings, location: versionPath(version) };
}

/** FHIR conditional update: http://hl7.org/fhir/R4/http.html#cond-update */
export async function updateMatch(
  services: Services,
  principal: Principal,
  asked: Asked & { readonly body: Uint8Array; readonly preconditions: Preconditions },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'u');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const accepted = accept(services.r4, type, asked.body);
  const matcher = new Matcher(services, principal);
  const changed = await inTurn(services, criteria, async () => {
    const claimed = await claim(services, criteria);
    const match = await matcher.one(criteria);
    return commitVersion(services, principal, {
      interaction: 'update',
      permission: 'u',
      method: 'PUT',
      type,
      id: idToUpdate(type, accepted.resource.id, match) ?? services.newId(),
      accepted,
      preconditions: asked.preconditions,
      records: match === undefined ? [claimed] : [],
      along: asked.along,
      check: (current) => {
        if (match === undefined) assertFree(current);
        return 'change';
      },
    });
  });
  if (changed === undefined) throw new Error('an update always changes something');
  return updateReply(changed);
}

/** FHIR conditional patch: http://hl7.org/fhir/R4/http.html#patch */
export async function patchMatch(
  services: Services,
  principal: Principal,
  asked: Asked & Omit<Parameters<typeof patch>[2], 'id'>,
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'u');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const match = await new Matcher(services, principal).one(criteria);
  if (match === undefined) throw new FhirError('not-found', `The criteria select no ${type}`);
  return patch(services, principal, { ...asked, id: match.id });
}

/** FHIR conditional delete, of several where that is allowed: http://hl7.org/fhir/R4/http.html#3.1.0.7.1 */
export async function removeMatch(
  services: Services,
  principal: Principal,
  asked: Asked & { readonly preconditions: Preconditions },
): Promise<Reply> {
  const { type } = asked;
  boundsOf(principal, type, 'd');
  const criteria = await readCriteria(services, principal, { type, text: asked.criteria });
  const matcher = new Matcher(services, principal);
  const changed = await tryAgain(async () => {
    const { preconditions, along } = asked;
    const matches = await toDelete(services, matcher, { criteria, preconditions });
    if (matches.length !== 1) {
      await removeAll(services, principal, { matches, preconditions, along });
      return undefined;
    }
    return commitVersion(services, principal, {
      interaction: 'delete',
      permission: 'd',
      method: 'DELETE',
      type,
      id: matches[0]?.id ?? '',
      preconditions,
      records: [],
      along,
      check: (current) => (current === undefined || current.deleted ? 'unchanged' : 'change'),
    });
  });
  return { status: 204, ...(changed === undefined ? {} : { version: changed.version }) };
}

/**
 * What a conditional delete means: one at most, unless the operator allows several. A change of a Consent is enforced
 * by itself, so that is always one.
 *
 * @param asked `gone`: ids that are deleted in the same step
 * @throws FhirError `precondition` when this cannot hold of so many
 */
export async function toDelete(
  { deleteMatches }: Pick<Services, 'deleteMatches'>,
  matcher: Matcher,
  asked: {
    readonly criteria: Criteria;
    readonly preconditions: Preconditions;
    readonly gone?: ReadonlySet<string> | undefined;
  },
): Promise<readonly StoredVersion[]> {
  const { criteria, preconditions, gone } = asked;
  if (deleteMatches === 'multiple' && criteria.type !== 'Consent') {
    const matches = await matcher.all(criteria, gone);
    if (matches.length === 0) assertPreconditions(preconditions, undefined);
    if (matches.length > 1) assertMeantForSeveral(preconditions);
    return matches;
  }
  const match = await matcher.one(criteria, gone);
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

/** @throws FhirError `conflict` when what the criteria do not select has the id of what they are to make */
export function assertFree(current: StoredVersion | undefined): void {
  if (current === undefined || current.deleted) return;
  throw new FhirError(
    'conflict',
    'The criteria select nothing, but the id in the resource is in use',
  );
}

function inTurn<T>(services: Services, criteria: Criteria, act: () => Promise<T>): Promise<T> {
  return services.turns.take(criteria.key, () => tryAgain(act));
}

/** What was there already is shown like anything else: decided and recorded. */
function found(
  services: Services,
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
