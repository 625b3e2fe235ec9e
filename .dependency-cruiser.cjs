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
const S = '^server/src/';
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
      'interactions-know-no-http',
      `${S}(interactions|operations)/`,
      `${S}(http|app|server|config)`,
    ),
    layer(
      'change-knows-no-bundle',
      `${S}interactions/change/`,
      `${S}interactions/(bundle|history)/`,
    ),
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
        pathNot: `${S}(app\\.ts|parts/|store/sqlite/|store/mongo/|ledger/fabric/|ledger/embedded/|auth/provider/state/mongo/)`,
      },
      to: { path: `${S}(store/(sqlite|mongo)|ledger/(fabric|embedded))/` },
    },
    {
      name: 'provider-only-in-app',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}(app\\.ts|parts/|auth/provider/)` },
      to: { path: `${S}auth/provider/` },
    },
    {
      name: 'provider-knows-no-adapter',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}(parts|auth/provider/state)/` },
      to: { path: `${S}auth/provider/state/(sqlite|mongo)/` },
    },
    fence(
      'mongodb-stays-in-its-adapter',
      'node_modules/mongodb',
      '^server/src/(store|auth/provider/state)/mongo/',
    ),
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
