import type { Background } from '../../interactions/background/background.ts';
import type { Services } from '../../interactions/services.ts';
import type { Proving } from '../../operations/proving.ts';
import { asyncRoutes } from './async.ts';
import { binaryRoutes } from './binary.ts';
import { bundleRoutes } from './bundle.ts';
import { documentRoutes } from './document.ts';
import { evidenceRoutes } from './evidence.ts';
import { everythingRoutes } from './everything.ts';
import { historyRoutes } from './history.ts';
import { metaRoutes } from './meta.ts';
import { operationCalls } from './operation-calls.ts';
import { resourceRoutes } from './resource.ts';
import type { Route } from './route.ts';
import { searchRoutes } from './search.ts';
import { terminologyRoutes } from './terminology.ts';
import { upkeepRoutes } from './upkeep.ts';
import { validateRoutes } from './validate.ts';

export interface RouteParts {
  readonly services: Services & Proving;
  readonly background: Background;
  /** Bytes of a batch or transaction. */
  readonly maxBundle: number;
}

/**
 * The row with its act begun when what this server knows of consents is as new as any answer that was given before, by
 * whichever server of the store.
 */
function upToDate({ replica }: Pick<Services, 'replica'>, { act, ...row }: Route): Route {
  return {
    ...row,
    act: async (principal, request) => {
      await replica.catchUp();
      return act(principal, request);
    },
  };
}

/** The whole FHIR API but `metadata` and SMART's configuration, which need no token. */
export function fhirApi({ services, background, maxBundle }: RouteParts): readonly Route[] {
  const operations = [
    ...asyncRoutes(services, background),
    ...evidenceRoutes(services),
    ...everythingRoutes(services),
    ...documentRoutes(services),
    ...terminologyRoutes(services),
    ...metaRoutes(services),
    ...validateRoutes(services),
    ...upkeepRoutes(services),
  ];
  const rows = [
    ...resourceRoutes(services),
    ...binaryRoutes(services),
    ...historyRoutes(services),
    ...searchRoutes(services),
    ...bundleRoutes(services, { maxBundle, operations: operationCalls(operations) }),
    ...operations,
  ];
  return rows.map((row) => upToDate(services, row));
}
