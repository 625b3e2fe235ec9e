import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Reply } from '../../access/reply.ts';
import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { UNASSIGNED } from '../../interactions/change/later-owners.ts';
import { runSearch, type Pairs } from '../../interactions/search/search.ts';
import type { TypedFilter } from '../../search/query.ts';
import type { Declared, Input } from '../input.ts';
import { assertOperator } from './for-operators.ts';

export const UNASSIGNED_TAKES: Declared = { _type: 'code*', _count: 'integer', _cursor: 'string' };

/**
 * `GET $unassigned`: what is kept here of somebody who cannot be told, newest first, as a searchset: the work list of
 * whoever answers for records. It is searched, decided and recorded like any search.
 *
 * @throws FhirError `forbidden` for anybody but the custodian's systems and administration
 * @rule $unassigned
 */
export async function unassigned(
  services: Disclosing,
  principal: Principal,
  input: Input,
): Promise<Reply> {
  assertOperator(services.organisation, principal);
  const { r4, base, store } = services;
  const written = await store.versions.types();
  const named = namedTypes(r4, input);
  const types = (named ?? r4.resourceTypes.filter((type) => written.has(type))).filter(
    (type) => named !== undefined || allows(principal, type, 's').allowed,
  );
  const count = input.number('_count');
  const cursor = input.text('_cursor');
  const parameters: Pairs = [
    ...(count === undefined ? [] : [['_count', String(count)] as const]),
    ...(cursor === undefined ? [] : [['_cursor', cursor] as const]),
  ];
  const parsed = r4.parseSearchOfTypes(types.length === 0 ? ['Observation'] : types, parameters, {
    handling: 'strict',
    base,
    path: '$unassigned',
    ...(named && { types: named }),
  });
  const { query } = parsed;
  const sort = [{ param: '_lastUpdated', descending: true }];
  const only = <T extends TypedFilter>(searched: T): T => ({
    ...searched,
    filter: { op: 'and', all: [searched.filter, UNASSIGNED] },
  });
  return runSearch(services, principal, {
    interaction: '$unassigned',
    parsed: {
      ...parsed,
      query: { ...only(query), sort, ...(query.others && { others: query.others.map(only) }) },
    },
    parameters: parsed.used,
    within: undefined,
  });
}

/** @throws FhirError `invalid` */
function namedTypes({ isResourceType }: Disclosing['r4'], input: Input): string[] | undefined {
  if (!input.has('_type')) return undefined;
  const names = [...new Set(input.texts('_type').flatMap((text) => text.split(',')))].sort();
  for (const name of names) {
    if (isResourceType(name)) continue;
    throw new FhirError('invalid', `_type: ${printable(name)} is no resource type`, {
      expression: 'http._type',
    });
  }
  return names;
}
