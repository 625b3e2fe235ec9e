import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaincodeProgram } from './chaincode-program.ts';
import {
  committedDefinition,
  definitionVersion,
  defineChaincode,
  installPackage,
  preparePackage,
} from './lifecycle.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import { inStep, type OnProgress } from '../progress.ts';
import type { Organisation } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/**
 * Installs, approves and commits this very code unless that is known to have been done.
 * @param startChaincode called for each organisation once its peer has the package
 */
export async function agreeOnChaincode(
  network: NetworkContext,
  program: ChaincodeProgram,
  startChaincode: (o: Organisation) => Promise<void>,
  onProgress: OnProgress,
): Promise<void> {
  const { organisations } = network.topology;
  if (organisations.every((o) => chaincodeIsDefined(network, o, program))) return;
  const committed = await committedDefinition(network);
  const step =
    committed === undefined
      ? 'Agree on the chaincode'
      : `Upgrade the chaincode: definition ${committed.sequence + 1}, with the state of before`;
  await inStep(onProgress, step, async (note) => {
    const packageIds = new Map<Organisation, string>();
    await Promise.all(
      organisations.map(async (o) => {
        packageIds.set(o, preparePackage(network, o, program).id);
        await installPackage(network, o);
        await startChaincode(o);
        note(`${o.name} installed`);
      }),
    );
    note('approving and committing');
    await defineChaincode(network, packageIds, program.digest);
    for (const o of organisations) {
      writeFileWhole(definedMark(network, o), definitionVersion(network.topology, program.digest));
    }
  });
}

export function chaincodeIsDefined(
  network: NetworkContext,
  o: Organisation,
  program: ChaincodeProgram,
): boolean {
  const mark = definedMark(network, o);
  const version = definitionVersion(network.topology, program.digest);
  return existsSync(mark) && readFileSync(mark, 'utf8') === version;
}

/** Written last, so that an interrupted agreement is taken up again. */
const definedMark = ({ layout }: NetworkContext, o: Organisation): string =>
  join(layout.of(o).chaincode, 'defined');
