// Writes the demonstration's data through the hospital's server. Arguments: data folder, FHIR base.
import { demonstration } from './demonstration.ts';

const [dataDir, fhir] = process.argv.slice(2);
if (dataDir === undefined || fhir === undefined)
  throw new Error('usage: <data folder> <FHIR base>');
const signal = AbortSignal.timeout(300_000);
const written = await demonstration.seed({ dataDir, server: 'hospital', fhir, signal });
process.stdout.write(`${written} resources written\n`);
