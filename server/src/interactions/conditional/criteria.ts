import { createHash } from 'node:crypto';
import type { Principal } from '../../auth/principal.ts';
import { narrow, type Narrowing } from '../../consent/narrow.ts';
import { FhirError } from '../../fhir/errors.ts';
import { isWhere } from '../../search/parse/contained-asked.ts';
import { isControl } from '../../search/parse/controls.ts';
import type { Filter } from '../../search/query.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { guardLinks } from '../search/guard-links.ts';
import { boundsOf } from '../../access/bounds.ts';
import { meant } from '../search/named-queries.ts';
import { searchSeen } from '../search/search-seen.ts';
import type { Data, Disclosing } from '../../access/groups.ts';
import type { Ambient } from '../groups.ts';
import { termsNamed } from '../search/terms-named.ts';

/** Says which resources a conditional interaction means: http://hl7.org/fhir/R4/http.html#cond-update */
export interface Criteria {
  readonly type: string;
  /** The query as sent. */
  readonly text: string;
  readonly filter: Filter;
  /** The same for criteria that differ in their order only. */
  readonly key: string;
}

const RECORDS = 'condition';
/** Says how many resources one conditional delete may delete. */
const MOST_MATCHES = 500;

/**
 * Criteria mean what the same search by this caller means, stored terminology included.
 *
 * @throws FhirError when a parameter is not understood, or nothing is selected by
 */
export async function readCriteria(
  services: Disclosing,
  principal: Principal,
  { type, text }: Pick<Criteria, 'type' | 'text'>,
): Promise<Criteria> {
  const pairs = decode(text).filter(([name]) => !isControl(name));
  const { parameters } = await meant(services, type, pairs);
  const terminology = await termsNamed(services, principal, parameters);
  const {
    query,
    used: taken,
    ignored,
  } = services.r4.parseSearch(type, parameters, {
    ...(terminology && { terminology }),
    handling: 'strict',
    base: services.base,
  });
  const [empty] = ignored;
  if (empty) {
    // Passed over, it would let the others select more than is meant.
    throw new FhirError('invalid', `A criterion of a condition needs a value: ${empty.reason}`, {
      expression: `http.${empty.name}`,
    });
  }
  // A parameter that says where to search selects nothing.
  const used = taken.filter(([name]) => !isWhere(name));
  if (used.length === 0) {
    throw new FhirError('invalid', `Search criteria are needed: which ${type} is meant?`);
  }
  const sorted = used.map(([name, value]) => JSON.stringify([name, value])).sort();
  const key = createHash('sha256').update(`${type} ${sorted.join()}`).digest('hex');
  return { type, text, filter: query.filter, key };
}

/**
 * The criteria of a conditional create: of `Patient?identifier=…` what is after the question mark, whether or not it
 * begins with our base.
 *
 * @throws FhirError `invalid` when it names another type, or another server
 */
export function criteriaIn(
  condition: string,
  { type, base }: { readonly type: string; readonly base: string },
): string {
  const mark = condition.indexOf('?');
  const before = condition.slice(0, Math.max(mark, 0));
  // A question mark may also be part of a value.
  if (mark < 0 || before.includes('=')) return condition;
  if (['', type, `/${type}`, `${base}/${type}`].includes(before)) return condition.slice(mark + 1);
  throw new FhirError(
    'invalid',
    `If-None-Exist (in a Bundle ifNoneExist) has criteria for ${type}, of this server`,
    { expression: 'http.If-None-Exist' },
  );
}

function decode(text: string): (readonly [string, string])[] {
  try {
    decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw new FhirError('invalid', 'The criteria are not valid percent-encoded UTF-8');
  }
  return [...new URLSearchParams(text)];
}

/**
 * Finds what criteria select of what this caller may see. What consent refuses does not exist for it: no outcome of a
 * condition tells otherwise.
 */
export class Matcher {
  readonly #services: Data & Narrowing;
  readonly #principal: Principal;
  readonly #narrowed = new Map<string, Filter>();

  constructor(services: Data & Narrowing, principal: Principal) {
    this.#services = services;
    this.#principal = principal;
  }

  /**
   * The only match, or undefined when there is none.
   *
   * @param deleted ids that are deleted in the same step
   * @throws FhirError `precondition` when there are several
   */
  async one(
    criteria: Criteria,
    deleted: ReadonlySet<string> = NONE,
  ): Promise<StoredVersion | undefined> {
    const found = await this.#find(criteria, deleted, 2);
    if (found.length > 1) {
      throw new FhirError('precondition', `The criteria select more than one ${criteria.type}`);
    }
    return found[0];
  }

  /**
   * All matches.
   *
   * @param deleted ids that are deleted in the same step
   * @throws FhirError `precondition` when there are more than `MOST_MATCHES`
   */
  async all(
    criteria: Criteria,
    deleted: ReadonlySet<string> = NONE,
  ): Promise<readonly StoredVersion[]> {
    const found = await this.#find(criteria, deleted, MOST_MATCHES + 1);
    if (found.length <= MOST_MATCHES) return found;
    throw new FhirError(
      'precondition',
      `The criteria select more than ${MOST_MATCHES} ${criteria.type}`,
    );
  }

  async #find(
    criteria: Criteria,
    deleted: ReadonlySet<string>,
    most: number,
  ): Promise<readonly StoredVersion[]> {
    const { matches } = await searchSeen(this.#services, this.#principal, {
      type: criteria.type,
      filter: {
        op: 'and',
        all: [
          guardLinks(this.#services, this.#principal, criteria.filter),
          this.#narrow(criteria.type),
        ],
      },
      sort: [],
      count: Math.min(most + deleted.size, 1000),
      total: 'none',
    });
    return matches.filter(({ id }) => !deleted.has(id));
  }

  #narrow(type: string): Filter {
    const known = this.#narrowed.get(type);
    if (known !== undefined) return known;
    const bounds = boundsOf(this.#principal, type, 's');
    const question = { action: 'access' as const, className: type };
    const made = narrow(this.#services, this.#principal, { bounds, question });
    this.#narrowed.set(type, made);
    return made;
  }
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Marks that somebody acts on "nothing matches these criteria". Read it before looking for matches, write it in the
 * step that makes the resource: of several who saw nothing, in whatever process, one gets through, and the others are
 * told StoreConflict and find what it made.
 */
export async function claim(
  services: Pick<Data, 'store'> & Pick<Ambient, 'random'>,
  criteria: Criteria,
): Promise<RecordWrite> {
  const before = await services.store.records.record(RECORDS, criteria.key);
  return {
    collection: RECORDS,
    key: criteria.key,
    value: services.random(16),
    expected: before ?? null,
  };
}
