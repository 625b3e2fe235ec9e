import type { FastifyInstance } from 'fastify';
import { smartConfiguration } from '../auth/smart-configuration.ts';
import type { TokenVerifier } from '../auth/token.ts';
import type { Config } from '../config.ts';
import { currentCapability } from '../r4/current-capability.ts';
import { fhirRoutes, OPEN_ROWS } from '../http/fhir-routes.ts';
import { tellMethods } from '../http/methods.ts';
import { openApi, openApiRoute } from '../http/openapi.ts';
import { offered } from '../http/routes/offered.ts';
import { fhirApi, type RouteParts } from '../http/routes/routes.ts';
import { standingHeaders } from '../http/standing-headers.ts';
import { transfer } from '../http/transfer.ts';
import type { OfferedQueries } from '../interactions/search/offered-queries.ts';
import { EXPAND } from '../operations/terminology/expand.ts';

export interface FhirApiParts extends Pick<RouteParts, 'services' | 'background'> {
  readonly issuer: string;
  readonly verifier: TokenVerifier;
  readonly queries: OfferedQueries;
  /** Says what `/metadata` says of the ledger. */
  readonly ledger: 'fabric' | 'embedded';
}

/** The FHIR API under `/fhir`, with all that is said of it derived from its rows. */
export async function mountFhirApi(
  app: FastifyInstance,
  config: Config,
  { services, background, issuer, verifier, queries, ledger }: FhirApiParts,
): Promise<void> {
  const { base, r4, clock } = services;
  const routes = fhirApi({ services, background, maxBundle: config.maxBundle });
  const facts = {
    ledger,
    organisation: config.organisation.name,
    smart: { issuer },
    ...offered(routes),
    enforced: config.integrity !== 'off',
  };
  const started = new Date(clock()).toISOString();
  let terminology: string | undefined;
  const terminologyOf = () =>
    r4.terminologyCapability({ date: started, parameters: Object.keys(EXPAND) });
  openApiRoute(app, config.operators, () =>
    openApi(routes, { base, types: r4.resourceTypes, registry: r4.registry }),
  );
  const smart = smartConfiguration({ issuer, persons: config.development });
  await app.register(
    async (scope) => {
      standingHeaders(scope, { https: config.publicUrl.startsWith('https:') });
      tellMethods(scope, { prefix: '/fhir', rows: [...routes, ...OPEN_ROWS] });
      await transfer(scope, { origins: config.corsOrigins });
      fhirRoutes(scope, {
        base,
        r4,
        clock,
        routes,
        verifier,
        background,
        capability: currentCapability(r4, facts, { clock, queries: () => queries.all() }),
        terminology: () => (terminology ??= JSON.stringify(terminologyOf())),
        smart: JSON.stringify(smart),
      });
    },
    { prefix: '/fhir' },
  );
}
