/** Runs one campaign: `node test/campaigns/run.ts <name> [--option=value]…`, as `npm run conformance` does. */
const CAMPAIGNS: Readonly<Record<string, () => Promise<boolean>>> = {
  closed: async () => (await import('./closed/run.ts')).runClosedSuite(),
  crash: async () => (await import('./crash/run.ts')).runCrashSuite(),
  fhirpath: async () => (await import('./fhirpath/run.ts')).runFhirPathSuite(),
  hostile: async () => (await import('./hostile/run.ts')).runHostileSuite(),
  mutants: async () => (await import('./mutants/run.ts')).runMutantsSuite(),
  patch: async () => (await import('./patch/run.ts')).runPatchSuite(),
  'r4-examples': async () => (await import('./r4-examples/run.ts')).runExamplesSuite(),
  races: async () => (await import('./races/run.ts')).runRacesSuite(),
  search: async () => (await import('./search/run.ts')).runSearchSuite(),
  secrecy: async () => (await import('./secrecy/run.ts')).runSecrecySuite(),
  servers: async () => (await import('./servers/run.ts')).runServersSuite(),
  timing: async () => (await import('./timing/run.ts')).runTimingSuite(),
  traversals: async () => (await import('./traversals/run.ts')).runTraversalsSuite(),
  validator: async () => (await import('./validator/run.ts')).runValidatorSuite(),
  xml: async () => (await import('./xml/run.ts')).runXmlSuite(),
};

const name = process.argv[2] ?? '';
const campaign = Object.hasOwn(CAMPAIGNS, name) ? CAMPAIGNS[name] : undefined;
if (campaign === undefined) throw new Error(`There is no campaign ${JSON.stringify(name)}`);
process.exitCode = (await campaign()) ? 0 : 1;
