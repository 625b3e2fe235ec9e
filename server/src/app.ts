import type { FastifyInstance } from 'fastify';
import { activate } from './activate.ts';
import { mountProvider } from './auth/provider/mount.ts';
import type { Config } from './config.ts';
import { loadR4 } from './fhir/r4.ts';
import { handleErrors } from './http/error-handler.ts';
import { healthRoutes } from './http/health.ts';
import { representReplies } from './http/represent.ts';
import { SealedLinks } from './interactions/search/sealed-links.ts';
import { Turns } from './interactions/turns.ts';
import { createMetrics } from './metrics.ts';
import { AMBIENT, type Part } from './parts/ambient.ts';
import { makeAnchoring } from './parts/anchoring.ts';
import { openAuthorization } from './parts/authorization.ts';
import { makeBackground } from './parts/background.ts';
import { makeConsent } from './parts/consent.ts';
import { mountFhirApi } from './parts/fhir-api.ts';
import { startIndexing } from './parts/indexing.ts';
import { openLedger } from './parts/ledger.ts';
import { makeListener } from './parts/listener.ts';
import { openStore } from './parts/store.ts';

/** Composition root: parts/ names the adapters, and here they are put together. The app listens nowhere yet. */
export async function createApp(config: Config): Promise<FastifyInstance> {
  const base = `${config.publicUrl}/fhir`;
  const { clock, newId, random } = AMBIENT;
  const app = makeListener(config, AMBIENT);
  const parts: Part[] = [];
  const closing = <P extends Part>(part: P): P => {
    parts.push(part);
    return part;
  };
  app.addHook('onClose', async () => {
    for (const part of parts.toReversed()) await part.close();
  });

  const by = { ...AMBIENT, base, log: app.log };
  const kept = closing(await openStore(config, AMBIENT));
  const ledger = closing(await openLedger(config, AMBIENT, app.log));
  handleErrors(app, () => ledger.watch?.expired() ?? []);
  const r4 = loadR4(config.definitions, { base, packages: config.packages });
  representReplies(app, { r4, clock });

  const metrics = createMetrics({ backlog: () => kept.store.backlog() });
  const { watch } = ledger;
  if (watch !== undefined) metrics.certificates({ ends: () => watch.ends(), now: clock });
  const anchoring = makeAnchoring({ ...kept, ...ledger }, AMBIENT, { metrics, log: app.log });
  const consent = await makeConsent(
    config,
    { ...kept, ...ledger, ...anchoring },
    { ...by, metrics },
  );
  const authorization = closing(await openAuthorization(config, by));
  const activation = closing(
    activate({
      ...kept,
      ...ledger,
      ...consent,
      ...anchoring,
      policy: { implicit: config.policy, organization: config.organization },
      failed: (error) => app.log.warn({ err: error }, 'not in service yet; trying again'),
    }),
  );
  const indexing = closing(await startIndexing(config, { ...kept, r4, base }, { ...by, metrics }));
  const background = closing(makeBackground(config, kept, by));

  healthRoutes(app, { ready: () => activation.ready(), metrics: metrics.registry });
  mountProvider(app, authorization.provider);
  const services = {
    organisation: { msp: config.msp, organization: config.organization },
    ...{ base, r4, clock, newId, random },
    ...{ ...kept, ...ledger, ...consent, ...anchoring, ...background, ...indexing },
    links: new SealedLinks(kept.store, random),
    turns: new Turns(),
    integrity: config.integrity,
    deleteMatches: config.deleteMatches,
  };
  await mountFhirApi(app, config, {
    ...authorization,
    services,
    background: background.background,
    queries: indexing.queries,
    ledger: ledger.channel.kind,
  });
  return app;
}
