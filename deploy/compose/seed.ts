// Writes the demonstration's data through the hospital's server. Arguments: demonstration folder, FHIR base.
import { getToken } from '../../demo/src/get-token.ts';
import { seedDemoData } from '../../demo/src/seed.ts';

const [dataDir, fhir] = process.argv.slice(2);
if (dataDir === undefined || fhir === undefined)
  throw new Error('usage: <demonstration folder> <FHIR base>');
const token = await getToken('system', { dataDir, fhir });
const written = await seedDemoData({ fhir, token, signal: AbortSignal.timeout(300_000) });
process.stdout.write(`${written} resources written\n`);
