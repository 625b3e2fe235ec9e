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
/** Rooms from the top down: none imports one above it, so that no arrow between them runs both ways. */
const downhill = (base, rooms) =>
  rooms.slice(1).map((room, i) => ({
    name: `nothing-above-${base.slice(1)}${room.match(/\w+/)[0]}`,
    severity: 'error',
    from: { path: `${base}(${room})` },
    to: { path: `${base}(${rooms.slice(0, i + 1).join('|')})` },
  }));
const S = '^server/src/';
const { workspaces } = require('./package.json');
/** A workspace sees those workspaces that its package.json names. */
const declared = (folder) => {
  const { dependencies, devDependencies } = require(`./${folder}/package.json`);
  const named = { ...dependencies, ...devDependencies };
  const others = workspaces.filter(
    (other) => other !== folder && !(require(`./${other}/package.json`).name in named),
  );
  return layer(`${folder}-declares-what-it-sees`, `^${folder}/`, `^(${others.join('|')})/`);
};
const HOUSE = workspaces.join('|');
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...workspaces.map(declared),
    {
      name: 'packages-are-declared',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'workspaces-see-exports-alone',
      severity: 'error',
      from: { path: `^(${HOUSE})/` },
      to: { path: `^(${HOUSE})/`, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    layer('nobody-imports-demo', '^(?!demo/)', '^demo/'),
    layer(
      'outside-is-outside',
      '^(bench|conformance)/',
      '^(evidence|fhirpath|chaincode|server|launch)/',
    ),
    layer(
      'the-server-stands-without-its-surroundings',
      '^server/(src|scripts)/',
      '^(network|launch|deploy|bench|conformance)/',
    ),
    {
      name: 'tests-bring-their-own',
      severity: 'error',
      from: { path: `^(${HOUSE})/src/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'evidence-has-no-dependencies',
      severity: 'error',
      from: { path: '^evidence/src' },
      to: { path: 'node_modules' },
    },
    layer(
      'chaincode-knows-only-evidence',
      '^chaincode/src',
      `^(?!chaincode/|evidence/)(${HOUSE})/`,
    ),
    {
      name: 'contracts-in-one-registry',
      severity: 'error',
      from: {
        path: '^(chaincode|server)/src/',
        pathNot: '^(chaincode/src/contracts|server/src/ledger/contracts/ledgers)\\.ts$',
      },
      to: {
        path: '^(chaincode/src/[^/]+/contract|server/src/ledger/contracts/[^/]+-ledger)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-network-runs-before-anything-is-built',
      severity: 'error',
      from: { path: '^network/src/' },
      to: {
        path: '^(evidence|fhirpath|chaincode|server)/',
        pathNot: '^evidence/src/shape\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    layer('fhirpath-is-alone', '^fhirpath/', `^(?!fhirpath/)(${HOUSE})/`),
    ...downhill(S, [
      ...[
        'server\\.ts',
        'app\\.ts',
        'parts/',
        'config\\.ts|setting-',
        'http/',
        'operations/',
        'interactions/',
      ],
      ...[
        'access/',
        'auth/|consent/|provenance/|audit/',
        'store/|ledger/',
        'r4/',
        'search/',
        'fhir/',
      ],
    ]),
    ...downhill(`${S}interactions/`, [
      ...[
        'background/',
        'bundle/',
        'services\\.ts',
        'conditional/',
        'history/|read\\.ts',
        'change/',
      ],
      ...['index/', 'search/|conditions/', 'groups\\.ts|breather\\.ts|failure\\.ts'],
    ]),
    ...downhill(`${S}search/`, [
      ...['named/', 'parse/', 'filter/', 'chaining/', 'indexing/'],
      ...[
        'registry\\.ts',
        'compile-parameter\\.ts',
        'code-systems\\.ts',
        'entries/',
        'expression/',
      ],
    ]),
    ...downhill('^network/src/', [
      'roles/',
      'identities/',
      'channel/',
      'chaincode/',
      'processes/',
      'topology/',
    ]),
    ...downhill(`${S}fhir/`, ['validate/', 'profile/', 'invariants/', 'rules/', 'terminology/']),
    {
      name: 'residual-rules-in-one-predicate',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}access/may-be-seen\\.ts$` },
      to: { path: `${S}consent/residual\\.ts$` },
    },
    {
      name: 'oracle-shares-no-code-with-search',
      severity: 'error',
      from: { path: '^server/test/oracle/' },
      to: {
        path: '^(server|chaincode|evidence)/',
        pathNot: '(node_modules/|^server/test/oracle/)',
      },
    },
    ...['store/sqlite', 'store/mongo', 'ledger/fabric', 'ledger/embedded'].map((adapter) => ({
      name: `only-parts-take-${adapter}`,
      severity: 'error',
      // The state of the authorization server in MongoDB connects as the store does.
      from: { path: '^server/src', pathNot: `${S}(parts/|${adapter}/|auth/provider/state/mongo/)` },
      to: { path: `${S}${adapter}/` },
    })),
    fence('ucum-stays-in-fhirpath', 'node_modules/@lhncbc', '^fhirpath/src/ucum\\.ts$'),
    {
      name: 'provider-only-in-app',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}(app\\.ts|parts/|auth/provider/)` },
      to: { path: `${S}auth/provider/` },
    },
    {
      name: 'provider-knows-no-adapter',
      severity: 'error',
      from: { path: '^server/src', pathNot: `${S}(parts|auth/provider/state/(sqlite|mongo))/` },
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
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(node_modules/[.]|[.]cache/)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
