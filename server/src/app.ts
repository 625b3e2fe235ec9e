import type { FastifyInstance } from 'fastify';
import { activate } from './activate.ts';
import { mountProvider } from './auth/provider/mount.ts';
import type { Config } from './config.ts';
import { loadR4 } from './r4/r4.ts';
import { handleErrors } from './http/error-handler.ts';
import { healthRoutes } from './http/health.ts';
import { representReplies } from './http/represent.ts';
import { createMetrics } from './metrics.ts';
import { AMBIENT, closeAll, type Part } from './parts/ambient.ts';
import { makeAnchoring } from './parts/anchoring.ts';
import { openAuthorization } from './parts/authorization.ts';
import { makeBackground } from './parts/background.ts';
import { makeConsent } from './parts/consent.ts';
import { mountFhirApi } from './parts/fhir-api.ts';
import { startIndexing } from './parts/indexing.ts';
import { openLedger, tellOfLedger } from './parts/ledger.ts';
import { makeListener } from './parts/listener.ts';
import { startOwners } from './parts/owners.ts';
import { servicesOf } from './parts/services.ts';
import { makeServing } from './parts/serving.ts';
import { openStore } from './parts/store.ts';

/** Composition root: parts/ names the adapters, and here they are put together. The app listens nowhere yet. */
export async function createApp(config: Config): Promise<FastifyInstance> {
  const app = makeListener(config, AMBIENT);
  const parts: Part[] = [];
  app.addHook('onClose', () => closeAll(parts));
  try {
    await putTogether(app, config, (part) => {
      parts.push(part);
      return part;
    });
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

async function putTogether(
  app: FastifyInstance,
  config: Config,
  closing: <P extends Part>(part: P) => P,
): Promise<void> {
  const base = `${config.publicUrl}/fhir`;
  const by = { ...AMBIENT, base, log: app.log };
  const kept = closing(await openStore(config, AMBIENT));
  const ledger = closing(await openLedger(config, AMBIENT, app.log));
  handleErrors(app, () => ledger.watch?.expired() ?? []);
  const r4 = loadR4(config.definitions, { ...config, base, aliases: config.baseAliases });
  representReplies(app, { r4, clock: AMBIENT.clock });

  const metrics = createMetrics({ backlog: () => kept.store.leaves.backlog() });
  tellOfLedger(metrics, ledger, AMBIENT);
  const opened = { ...kept, ...ledger, r4, base };
  const serving = makeServing({ metrics, log: app.log });
  const told = { ...by, metrics, serving };
  const anchoring = makeAnchoring(opened, AMBIENT, told);
  const consent = await makeConsent(config, { ...opened, ...anchoring }, told);
  const authorization = closing(await openAuthorization(config, by));
  const activation = closing(
    activate({
      ...{ ...opened, ...consent, ...anchoring, serving },
      failed: (error) => app.log.warn({ err: error }, 'not in service yet; trying again'),
    }),
  );
  const owners = closing(await startOwners({ ...config, ...opened }, { ...by, metrics }));
  const indexing = closing(await startIndexing(opened, { ...by, metrics }));
  const background = closing(makeBackground(config, kept, by));

  healthRoutes(app, { ...config, ready: () => activation.ready(), metrics: metrics.registry });
  mountProvider(app, authorization.provider);
  const made = {
    ...opened,
    ...anchoring,
    ...consent,
    ...indexing,
    ...owners,
    ...background,
    serving,
  };
  await mountFhirApi(app, config, {
    ...authorization,
    services: servicesOf(config, made, AMBIENT),
    background: background.background,
    queries: indexing.queries,
    ledger: ledger.channel.kind,
  });
}
