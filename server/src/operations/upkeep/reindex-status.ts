import type { Parameters } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import { assertOperator } from './for-operators.ts';

/**
 * `GET $reindex-status`: which types are being indexed again, and how far that is; and which definitions of search
 * parameters are not used, as R4 defines their code. No data of anybody.
 *
 * @rule $reindex-status
 */
export function reindexStatus(services: Services, principal: Principal): Promise<Reply> {
  assertOperator(services.organisation, principal);
  const open = services.upkeep.status();
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'complete', valueBoolean: open.length === 0 },
      ...open.map(({ type, state, done, total, pending }) => ({
        name: 'type',
        part: [
          { name: 'type', valueCode: type },
          { name: 'state', valueCode: state },
          { name: 'done', valueUnsignedInt: done },
          { name: 'total', valueUnsignedInt: total },
          ...pending.map((code) => ({ name: 'pending', valueCode: code })),
        ],
      })),
      ...eclipsedParameters(services.r4),
    ],
  };
  return Promise.resolve({ status: 200, body: JSON.stringify(body) });
}

function eclipsedParameters({
  resourceTypes,
  registry,
}: Services['r4']): NonNullable<Parameters['parameter']> {
  return resourceTypes.flatMap((type) =>
    [...registry.eclipsed(type)].map(([code, urls]) => ({
      name: 'eclipsed',
      part: [
        { name: 'type', valueCode: type },
        { name: 'code', valueCode: code },
        ...urls.map((url) => ({ name: 'definition', valueUri: url })),
      ],
    })),
  );
}
