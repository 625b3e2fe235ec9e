/** Direction rules: docs/architecture.md. Each layer may import what stands to its right. */
const layer = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});
const fence = (name, driver, homes) => ({
  name,
  severity: 'error',
  from: { path: '^(server|chaincode|evidence)/src', pathNot: homes },
  to: { path: driver },
});
/** Rooms from the top down: none imports one above it, so that no arrow between them runs both ways. */
const downhill = (base, rooms) =>
  rooms.slice(1).map((room, i) => ({
    name: `nothing-above-${room.match(/\w+/)[0]}`,
    severity: 'error',
    from: { path: `${base}(${room})` },
    to: { path: `${base}(${rooms.slice(0, i + 1).join('|')})` },
  }));
const S = '^server/src/';
const I = '^server/src/interactions/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('evidence-is-alone', '^evidence/src', '^(chaincode|server|network|demo|bench)/'),
    {
      name: 'evidence-has-no-dependencies',
      severity: 'error',
      from: { path: '^evidence/src' },
      to: { path: 'node_modules' },
    },
    layer('chaincode-knows-only-evidence', '^chaincode/src', '^(server|network|demo|bench)/'),
    layer(
      'search-and-fhir-are-pure',
      `${S}(search|fhir)/`,
      `${S}(store|ledger|auth|consent|provenance|audit|access|interactions|operations|http|app|server|config)`,
    ),
    layer(
      'ports-see-only-the-right',
      `${S}(store|ledger)/`,
      `${S}(auth|consent|provenance|audit|access|interactions|operations|http|app|server|config)`,
    ),
    layer(
      'authority-below-interactions',
      `${S}(auth|consent|provenance|audit)/`,
      `${S}(access|interactions|operations|http|app|server|config)`,
    ),
    layer(
      'access-knows-no-interactions',
      `${S}access/`,
      `${S}(interactions|operations|http|parts|app|server|config)`,
    ),
    {
      name: 'residual-rules-in-one-predicate',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}access/may-be-seen\\.ts$` },
      to: { path: `${S}consent/residual\\.ts$` },
    },
    layer(
      'interactions-know-no-http',
      `${S}(interactions|operations)/`,
      `${S}(http|app|server|config)`,
    ),
    layer('interactions-know-no-operations', I, `${S}operations/`),
    ...downhill(I, [
      'background/',
      'bundle/',
      'services\\.ts',
      'conditional/',
      'history/|read\\.ts',
      'change/',
      'index/',
      'search/|conditions/',
      'groups\\.ts|turns\\.ts|breather\\.ts|failure\\.ts',
    ]),
    {
      name: 'oracle-shares-no-code-with-search',
      severity: 'error',
      from: { path: '^conformance/search/oracle/' },
      to: { path: '^(server|chaincode|evidence)/', pathNot: 'node_modules' },
    },
    layer('nothing-imports-the-process', `${S}.*/`, `${S}(app|server)\\.ts$`),
    layer('only-app-takes-parts', `${S}(?!parts/).*/`, `${S}parts/`),
    {
      name: 'adapters-only-in-app',
      severity: 'error',
      from: {
        path: '^server/src',
        pathNot: `${S}(app\\.ts|parts/|store/sqlite/|store/mongo/|ledger/fabric/|ledger/embedded/|auth/provider/)`,
      },
      to: { path: `${S}(store/(sqlite|mongo)|ledger/(fabric|embedded)|auth/provider)/` },
    },
    fence('mongodb-stays-in-its-adapter', 'node_modules/mongodb', '^server/src/store/mongo/'),
    fence(
      'fabric-stays-in-its-adapter',
      'node_modules/(@hyperledger|@grpc)',
      '^server/src/ledger/fabric/',
    ),
    fence(
      'fastify-stays-in-http',
      'node_modules/fastify',
      '^server/src/(http/|app\\.ts|parts/|auth/provider/)',
    ),
    fence('jose-stays-in-auth', 'node_modules/jose', '^server/src/auth/'),
    fence('shim-stays-in-chaincode', 'node_modules/fabric-', '^chaincode/src/'),
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    exclude: { path: '/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
