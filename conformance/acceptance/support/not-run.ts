import type { Exception } from './shell-blocks.ts';

/** The blocks of documents that are not run as they stand. Every other one is. */
export const notRun: readonly Exception[] = [
  {
    file: 'README.md',
    script: 'npm start\n',
    reason: 'the stack that all of this runs on was started by it (whole-run.ts)',
  },
  { file: 'README.md', script: 'npm test\n', reason: 'it is what runs this' },
  {
    file: 'docs/performance.md',
    script: `npm start                # in one terminal, and leave the machine alone otherwise
npm run bench            # in another
`,
    reason: 'figures of a machine that does nothing else, and minutes of it',
  },
  {
    file: 'docs/performance.md',
    script: 'npm run bench:search -- --store sqlite,mongodb --resources 10000,100000,1000000\n',
    reason: 'takes hours, Java and Maven',
  },
  {
    file: 'docs/conformance.md',
    script: `npm run conformance -- r4-examples xml
npm run conformance -- search --target=mongodb --questions=20000 --seed=2221106551
npm run conformance -- --help
`,
    reason: 'takes hours, Java and Maven; a part of the suites is in npm test',
  },
  {
    file: 'deploy/compose/README.md',
    script: 'docker compose up --build\n',
    reason:
      'takes Docker, which nothing else here needs; deploy/compose/test reads what it would start',
  },
  {
    file: 'deploy/compose/README.md',
    script: `token=$(docker compose run --rm token doctor)
curl -H "Authorization: Bearer $token" "http://127.0.0.1:8080/fhir/Observation?patient=demo-a"
`,
    reason: 'takes the containers of the block above it',
  },
  {
    file: 'network/README.md',
    script: 'npm run network -- down   # stops every process; data stays in .data/network\n',
    reason: 'ends the network under the other tests; network/test does it on its own',
  },
];
