// `npm start` runs this file. Its argument is the options as JSON, checked by scripts/start.mjs.
import { launch, type StartOptions } from '@chartseal/launch';
import { demonstration } from './demonstration.ts';

await launch(JSON.parse(process.argv[2] ?? '{}') as StartOptions, demonstration);
