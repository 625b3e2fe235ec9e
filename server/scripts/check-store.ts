/**
 * Says on standard error why the MongoDB of CHARTSEAL_STORE cannot be used, and ends with 1 then. Runs as it is, so
 * that `npm start` can ask before it has compiled, built and started anything.
 */
import { assertReachable } from '../src/store/mongo/reachable.ts';

try {
  await assertReachable(process.env['CHARTSEAL_STORE'] ?? '');
} catch (error) {
  process.stderr.write((error as Error).message);
  process.exitCode = 1;
}
