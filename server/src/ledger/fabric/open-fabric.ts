import { CertificateWatch, type CertificateWatchOptions } from '../certificate-watch.ts';
import { readConnectionFile } from './connection-file.ts';
import { FabricChannel } from './fabric-channel.ts';
import { shownCertificate } from './shown-certificate.ts';

/** The channel of a connection file, and what watches the certificates that it relies on. */
export async function openFabric(
  path: string,
  { now, log }: Pick<CertificateWatchOptions, 'now' | 'log'>,
): Promise<{ readonly channel: FabricChannel; readonly watch: CertificateWatch }> {
  const connection = await readConnectionFile(path);
  const { certificates, peer } = connection;
  const shown = () => shownCertificate(peer.endpoint);
  return {
    channel: new FabricChannel({ connection, now }),
    watch: new CertificateWatch({ certificates, shown, now, log }),
  };
}
