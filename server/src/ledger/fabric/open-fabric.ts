import { CertificateWatch, type CertificateWatchOptions } from '../certificate-watch.ts';
import { readConnectionFile } from './connection-file.ts';
import { FabricChannel } from './fabric-channel.ts';
import { shownCertificate } from './shown-certificate.ts';

interface FabricOptions extends Pick<CertificateWatchOptions, 'now' | 'log'> {
  /** MSP id that the server is told as its own. */
  readonly msp: string;
}

/**
 * The channel of a connection file, and what watches the certificates that it relies on.
 *
 * @throws Error when the identity in the file is of another MSP than this server's: leaves would name the wrong log
 */
export async function openFabric(
  path: string,
  { msp, now, log }: FabricOptions,
): Promise<{ readonly channel: FabricChannel; readonly watch: CertificateWatch }> {
  const connection = await readConnectionFile(path);
  if (connection.msp !== msp) {
    throw new Error(
      `CHARTSEAL_MSP is "${msp}", but the identity in ${path} is of "${connection.msp}"`,
    );
  }
  const { certificates, peer } = connection;
  const shown = () => shownCertificate(peer.endpoint);
  return {
    channel: new FabricChannel({ connection, now }),
    watch: new CertificateWatch({ certificates, shown, now, log }),
  };
}
