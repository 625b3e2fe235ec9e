import { dueCertificates, renewCertificates } from './renew-certificates.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import { inStep, type OnProgress } from '../progress.ts';

/** Renews, in every organisation, what ends before `until` (ms since the epoch); returns the names. */
export async function renewDue(
  network: NetworkContext,
  until: number,
  onProgress: OnProgress,
): Promise<readonly string[]> {
  const due = network.topology.organisations.map((o) => ({
    o,
    certificates: dueCertificates(network, o, until),
  }));
  const names = due.flatMap(({ certificates }) => certificates.map(({ name }) => name));
  if (names.length === 0) return names;
  const step = `Renew ${names.length} certificates from each organisation’s Fabric CA`;
  await inStep(onProgress, step, (note) =>
    Promise.all(
      due.map(async ({ o, certificates }) => {
        if (certificates.length === 0) return;
        await renewCertificates(network, o, certificates);
        note(`${o.name} done`);
      }),
    ),
  );
  return names;
}
