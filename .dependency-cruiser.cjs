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
  from: { path: '^(server|chaincode|fhirpath|evidence)/src', pathNot: homes },
  to: { path: driver },
});
/** Rooms of one house, from the topmost down: each may import only what stands after it. */
const storeys = (house, rooms) =>
  rooms
    .slice(1)
    .map((room, above) =>
      layer(
        `below-in-${house}: ${room}`,
        `^server/src/${house}/${room}`,
        `^server/src/${house}/(${rooms.slice(0, above + 1).join('|')})`,
      ),
    );
const S = '^server/src/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('evidence-is-alone', '^evidence/src', '^(fhirpath|chaincode|server|network|demo|bench)/'),
    {
      name: 'evidence-has-no-dependencies',
      severity: 'error',
      from: { path: '^evidence/src' },
      to: { path: 'node_modules' },
    },
    layer(
      'chaincode-knows-only-evidence',
      '^chaincode/src',
      '^(fhirpath|server|network|demo|bench)/',
    ),
    layer(
      'fhirpath-knows-only-evidence',
      '^fhirpath/',
      '^(chaincode|server|network|demo|bench|conformance)/',
    ),
    layer(
      'search-and-fhir-are-pure',
      `${S}(search|fhir|r4)/`,
      `${S}(store|ledger|auth|consent|provenance|audit|access|interactions|operations|http|app|server|config)`,
    ),
    layer('fhir-knows-no-search', `${S}fhir/`, `${S}(search|r4)/`),
    layer('search-knows-no-r4', `${S}search/`, `${S}r4/`),
    ...storeys('search', [
      ...['named/', 'parse/', 'filter/', 'chaining/', 'indexing/'],
      ...[
        'registry\\.ts',
        'compile-parameter\\.ts',
        'code-systems\\.ts',
        'entries/',
        'expression/',
      ],
    ]),
    ...storeys('fhir', ['validate/', 'profile/', 'invariants/', 'rules/', 'terminology/']),
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
        pathNot: `${S}(app\\.ts|parts/|store/sqlite/|store/mongo/|ledger/fabric/|ledger/embedded/|auth/provider/)`,
      },
      to: { path: `${S}(store/(sqlite|mongo)|ledger/(fabric|embedded)|auth/provider)/` },
    },
    fence('ucum-stays-in-fhirpath', 'node_modules/@lhncbc', '^fhirpath/src/ucum\\.ts$'),
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
