import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { expand, queryNamed, type Meant } from '../../search/named/expand.ts';
import { isQueryName, readNamedQuery, type NamedQuery } from '../../search/named/named-query.ts';
import { typesOf } from '../../search/named/review-named-query.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import type { Services } from '../services.ts';
import { searchStore } from './search-store.ts';

type Known = Pick<Services, 'store' | 'r4' | 'base'>;
type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * A query as it is defined now, with the types it is of.
 *
 * @rule _query
 */
export interface DefinedQuery extends Omit<NamedQuery, 'types'> {
  readonly id: string;
  readonly types: readonly string[];
}

const SLICE = 200;

/** Returns what a search of one type means: `_query` replaced by what it stands for. @throws FhirError */
export async function meant(services: Known, type: string, parameters: Pairs): Promise<Meant> {
  const name = queryNamed(parameters);
  if (name === undefined) return { parameters };
  const all = await queriesNamed(services, name);
  const fitting = all.filter((query) => query.type && query.types.includes(type));
  return expand(only(fitting, name, type), parameters);
}

/** The query that a search of several types names. @throws FhirError */
export async function systemQuery(
  services: Known,
  parameters: Pairs,
): Promise<DefinedQuery | undefined> {
  const name = queryNamed(parameters);
  if (name === undefined) return undefined;
  const all = await queriesNamed(services, name);
  return only(
    all.filter(({ system }) => system),
    name,
    'the system',
  );
}

function only(found: readonly DefinedQuery[], name: string, of: string): DefinedQuery {
  const [query, ...more] = found;
  if (query !== undefined && more.length === 0) return query;
  const what =
    query === undefined
      ? `${of} has no query named ${printable(name)}`
      : `${of} has several queries named ${query.name}`;
  throw new FhirError('not-supported', `Search parameter _query: ${what}`, {
    expression: 'http._query',
  });
}

/**
 * Definitions are looked up whenever they are asked for: what any server of this store was told holds for all of them at
 * once.
 */
async function queriesNamed(services: Known, name: string): Promise<readonly DefinedQuery[]> {
  if (!isQueryName(name)) return [];
  const found = await definedQueries(services, name);
  return found.filter((query) => query.name === name);
}

/** All named queries that can be asked, or those of one name. */
export async function definedQueries(
  services: Known,
  name?: string,
): Promise<readonly DefinedQuery[]> {
  const { r4, base } = services;
  // Few definitions have one name: whether they are active is told from themselves.
  const pairs: Pairs =
    name === undefined
      ? [
          ['kind', 'query'],
          ['status', 'active'],
        ]
      : [['code', name]];
  const { query } = r4.parseSearch('OperationDefinition', pairs, { handling: 'strict', base });
  const found: DefinedQuery[] = [];
  let page: string | undefined;
  do {
    const slice = await searchStore(services, { ...query, count: SLICE, ...(page && { page }) });
    found.push(...slice.matches.flatMap((version) => definedBy(services, version)));
    page = slice.links.next;
  } while (page !== undefined);
  return found;
}

function definedBy({ r4 }: Known, { id, body }: StoredVersion): readonly DefinedQuery[] {
  const read = readNamedQuery(JSON.parse(Buffer.from(body).toString('utf8')) as object);
  if (read === undefined || 'faults' in read) return [];
  return [{ ...read.query, id, types: typesOf(read.query, r4.registry) }];
}

/** Returns what is said of a page link that does not fit, when it may be the query that has become another one. */
export function orChangedSince(expanded: Pairs | undefined): (error: unknown) => never {
  return (error) => {
    if (expanded === undefined || !(error instanceof FhirError) || error.code !== 'invalid') {
      throw error;
    }
    const what = `${error.message}, or the named query means something else by now: search again`;
    throw new FhirError('invalid', what, { expression: error.expression ?? [] });
  };
}

/** No other definition may take the name for one of the same types. @throws FhirError `unprocessable` */
export async function assertNameIsFree(
  services: Known,
  { id, resource }: { readonly id: string; readonly resource: object },
): Promise<void> {
  const { resourceType } = resource as { readonly resourceType?: unknown };
  const read = resourceType === 'OperationDefinition' ? readNamedQuery(resource) : undefined;
  if (read === undefined || 'faults' in read) return;
  const { query } = read;
  const types = new Set(typesOf(query, services.r4.registry));
  const taken = (await queriesNamed(services, query.name)).some(
    (other) =>
      other.id !== id &&
      ((query.system && other.system) ||
        (query.type && other.type && other.types.some((type) => types.has(type)))),
  );
  if (!taken) return;
  throw new FhirError('unprocessable', `Another query is named ${query.name}`, {
    expression: 'OperationDefinition.code',
  });
}
