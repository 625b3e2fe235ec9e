import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MerkleReader } from '@chartseal/evidence';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { activate } from './activate.ts';
import { AccessTrail } from './audit/access-trail.ts';
import { loadDirectory } from './auth/provider/directory.ts';
import { mountProvider } from './auth/provider/mount.ts';
import { createProvider } from './auth/provider/provider.ts';
import { smartConfiguration } from './auth/smart-configuration.ts';
import { createTokenVerifier } from './auth/token.ts';
import type { Config } from './config.ts';
import { Authority } from './consent/authority.ts';
import { ConsentRegistry } from './consent/consent-registry.ts';
import { ConsentReplica } from './consent/consent-replica.ts';
import { DisclosureGroups } from './consent/disclosure-groups.ts';
import { currentCapability } from './fhir/current-capability.ts';
import { loadR4 } from './fhir/r4.ts';
import { handleErrors, sendError } from './http/error-handler.ts';
import { fhirRoutes, OPEN_ROWS } from './http/fhir-routes.ts';
import { healthRoutes } from './http/health.ts';
import { representReplies } from './http/represent.ts';
import { openApi, openApiRoute } from './http/openapi.ts';
import { tellMethods } from './http/methods.ts';
import { offered } from './http/routes/offered.ts';
import { fhirApi } from './http/routes/routes.ts';
import { EXPAND } from './operations/terminology/expand.ts';
import { Background } from './interactions/background/background.ts';
import { JobStore } from './interactions/background/job-store.ts';
import { Witness } from './interactions/background/witness.ts';
import { OfferedQueries } from './interactions/search/offered-queries.ts';
import { SealedLinks } from './interactions/search/sealed-links.ts';
import { requestId, standingHeaders } from './http/standing-headers.ts';
import { transfer } from './http/transfer.ts';
import { IndexUpkeep } from './interactions/index/index-upkeep.ts';
import { tellOfParameters } from './interactions/index/tell-of-parameters.ts';
import { Turns } from './interactions/turns.ts';
import type { Channel } from './ledger/channel.ts';
import { ledgersOf } from './ledger/contracts/ledgers.ts';
import type { CertificateWatch } from './ledger/certificate-watch.ts';
import { openEmbeddedChannel } from './ledger/embedded/embedded-channel.ts';
import { openFabric } from './ledger/fabric/open-fabric.ts';
import { Pulse } from './ledger/pulse.ts';
import { createMetrics } from './metrics.ts';
import { EvidenceMaker } from './provenance/evidence.ts';
import { Sequencer } from './provenance/sequencer.ts';
import { Subjects } from './provenance/subjects.ts';
import { randomPool } from './random-pool.ts';
import type { ResourceStore } from './store/resource-store.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';

const random = randomPool(randomBytes);

/** Composition root: the only file that names an adapter. The app listens nowhere yet. */
export async function createApp(config: Config): Promise<FastifyInstance> {
  const base = `${config.publicUrl}/fhir`;
  const issuer = `${config.publicUrl}/auth`;
  const newId = (): string => randomUUID();

  const app = Fastify({
    logger: { level: config.logLevel, redact: ['req.headers.authorization'] },
    // Requests carry what must not be logged: ids, and search strings with clinical values.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    bodyLimit: config.maxBody,
    genReqId: ({ headers }) => requestId(headers['x-request-id']) ?? newId(),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // Links to further pages of a posted search carry what its form did.
    http: { maxHeaderSize: 65_536 },
    forceCloseConnections: true,
  });
  const { channel: opened, watch } = await openChannel(config, app.log);
  handleErrors(app, () => watch?.expired() ?? []);

  const r4 = loadR4(config.definitions, { base, packages: config.packages });
  representReplies(app, { r4, clock });
  const store = await openStore(config);
  const pulse = new Pulse(opened, () => performance.now());
  const channel = pulse.observed();
  const ledger = ledgersOf(channel);

  const metrics = createMetrics({ backlog: () => store.backlog() });
  const log = new MerkleReader((from, to) => store.leafHashes(from, to));
  const sequencer = new Sequencer({
    store,
    ledger,
    log,
    now: () => performance.now(),
    metrics: {
      ...metrics.anchoring,
      failed: (error) => app.log.warn({ err: error }, 'anchoring failed; it will be tried again'),
    },
  });

  const replica = new ConsentReplica(store, config.msp);
  await replica.load();
  const subjects = new Subjects(store, random);
  const registry = new ConsentRegistry({
    store,
    ledger: ledger.consent,
    channel,
    replica,
    subjects,
    random,
  });
  const trail = new AccessTrail(store, {
    msp: config.msp,
    newId,
    random,
    recorded: (leaves) => sequencer.wake(leaves),
  });
  const groups = new DisclosureGroups({
    ledger,
    // Nothing leaves before the access log is durable, so a decision that a crash leaves unused needs no record of its own.
    records: {
      persist: () => Promise.resolve(),
      settled: (_txId, outcome) => {
        if (outcome === 'valid') metrics.disclosureTransactions.inc();
        return Promise.resolve();
      },
    },
    reload: async (subject) => {
      const patient = subjects.patientOf(subject);
      if (patient === undefined) return undefined;
      await registry.quiet(patient);
      const held = await replica.reload(patient);
      return held === undefined ? undefined : { salt: held.salt, set: held.set };
    },
  });
  const authority = new Authority({
    groups: {
      disclose: (items) => {
        metrics.disclosures.inc(items.length);
        return groups.disclose(items);
      },
    },
    replica,
    subjects,
    trail,
    organization: config.organization,
    clock,
    random,
  });

  const provider = await createProvider({
    issuer,
    audience: base,
    directory: loadDirectory(config.directory),
    keysFile: join(config.keys, 'token-keys.json'),
    stateFile: join(config.keys, 'provider.sqlite'),
    development: config.development,
    clock,
    onError: (error) => app.log.error({ err: error }, 'authorization server'),
  });
  const verifier = createTokenVerifier({
    issuer,
    audience: base,
    keys: { jwks: provider.publicKeys },
    clock,
  });

  const activation = activate({
    store,
    pulse,
    ledger,
    replica,
    registry,
    sequencer,
    policy: { implicit: config.policy, organization: config.organization },
    failed: (error) => app.log.warn({ err: error }, 'not in service yet; trying again'),
  });

  healthRoutes(app, { ready: () => activation.ready(), metrics: metrics.registry });
  mountProvider(app, provider);
  const witness = new Witness();
  const background = new Background({
    base,
    jobs: new JobStore(store, random),
    witness,
    clock,
    random,
    keep: config.asyncKeep * 1000,
    failed: (error) => app.log.error({ err: error }, 'a request in the background'),
  });
  const upkeep = new IndexUpkeep({
    store,
    r4,
    now: () => performance.now(),
    // Only servers of one MongoDB share a store: they tell each other by it.
    ...(config.store.kind === 'mongodb'
      ? { grace: 10_000, poll: 4_000 }
      : { grace: 100, poll: undefined }),
    log: {
      progress: (status) => app.log.info(status, 'indexed again'),
      failed: (error) => app.log.warn({ err: error }, 'the index cannot be kept up; trying again'),
    },
  });
  await upkeep.start();
  tellOfParameters(app.log, r4);
  metrics.indexing(() => upkeep.status().length);
  const queries = new OfferedQueries({ store, r4, base }, () => performance.now());
  const services = {
    organisation: { msp: config.msp, organization: config.organization },
    base,
    store,
    r4,
    replica,
    authority,
    registry,
    trail,
    pulse,
    sequencer,
    evidence: new EvidenceMaker({ store, channel, log }),
    subjects,
    links: new SealedLinks(store, random),
    witness,
    turns: new Turns(),
    integrity: config.integrity,
    deleteMatches: config.deleteMatches,
    clock,
    newId,
    random,
    upkeep,
    written: async (versions: readonly { readonly type: string }[]) => {
      metrics.versions.inc(versions.length);
      if (versions.some(({ type }) => type === 'SearchParameter')) await upkeep.refresh();
      if (versions.some(({ type }) => type === 'OperationDefinition')) queries.forget();
    },
  };
  const routes = fhirApi({ services, background, maxBundle: config.maxBundle });
  const facts = {
    ledger: channel.kind,
    organisation: config.organisation,
    smart: { issuer },
    ...offered(routes),
    enforced: config.integrity !== 'off',
  };
  const started = new Date(clock()).toISOString();
  let terminology: string | undefined;
  const terminologyOf = () =>
    r4.terminologyCapability({ date: started, parameters: Object.keys(EXPAND) });
  openApiRoute(app, () =>
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

  if (watch !== undefined) metrics.certificates({ ends: () => watch.ends(), now: clock });
  void watch?.start();
  app.addHook('onClose', async () => {
    watch?.stop();
    background.stop();
    await upkeep.stop();
    await activation.stop();
    provider.close();
    await channel.close();
    await store.close();
  });
  return app;
}

async function openStore(config: Config): Promise<ResourceStore> {
  const options = {
    randomBytes: random,
    past: { keepMs: config.pageLinks * 1000, now: () => performance.now() },
  };
  if (config.store.kind === 'mongodb') {
    // The driver costs memory that only those who use it should pay.
    const { openMongoStore } = await import('./store/mongo/mongo-store.ts');
    return openMongoStore(config.store.url, options);
  }
  await mkdir(dirname(config.store.path), { recursive: true });
  return openSqliteStore(config.store.path, options);
}

async function openChannel(
  config: Config,
  log: FastifyBaseLogger,
): Promise<{ readonly channel: Channel; readonly watch?: CertificateWatch }> {
  if (config.ledger.kind === 'fabric') {
    return openFabric(config.ledger.connection, { now: clock, log });
  }
  const { folder } = config.ledger;
  const channel = await openEmbeddedChannel({ folder, msp: config.msp, now: clock, random });
  await writeFile(config.trust, `${JSON.stringify(await channel.trust(), null, 2)}\n`);
  return { channel };
}

function clock(): number {
  return Date.now();
}
