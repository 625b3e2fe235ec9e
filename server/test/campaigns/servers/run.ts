import { suiteNumber } from '@chartseal/conformance/suite-option';
import { startReplicaSet } from '../../support/mongod.ts';
import { revokeAtSeveralServers } from './revocations.ts';

/** `--cost` measures what agreeing costs; `--servers=2 --revocations=500 --requests=5000 --seed=…` */
export async function runServersSuite(): Promise<boolean> {
  if (process.argv.includes('--cost')) {
    await (await import('./cost.ts')).printCost();
    return true;
  }
  const size = {
    servers: suiteNumber('servers', 2),
    revocations: suiteNumber('revocations', 500),
    mixed: suiteNumber('requests', 5_000),
    seed: suiteNumber('seed', Math.floor(Math.random() * 2 ** 32)),
  };
  console.log(`seed ${size.seed}`);
  const mongod = await startReplicaSet();
  try {
    const began = performance.now();
    const { late, wrong, odd, faults, ...figures } = await revokeAtSeveralServers(
      mongod.getUri('servers'),
      size,
    );
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(JSON.stringify({ ...size, ...figures, seconds }));
    for (const [what, which] of Object.entries({ late, wrong, odd, faults })) {
      console.log(`${what}: ${which.length}`);
      for (const one of which.slice(0, 10)) console.log(`  ${one}`);
    }
    return [late, wrong, odd, faults].every(({ length }) => length === 0);
  } finally {
    await mongod.stop();
  }
}
