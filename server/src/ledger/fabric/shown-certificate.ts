import { connect } from 'node:tls';
import type { CertificateSource } from '../certificate-watch.ts';
import { tlsName } from './peer-connection.ts';

/**
 * The TLS certificate that a peer shows now, which may be an older one than its file holds. Nothing is sent or
 * believed: also one that has expired is to be seen.
 */
export function shownCertificate(endpoint: string): Promise<CertificateSource | undefined> {
  const { hostname, port } = new URL(`tls://${endpoint}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port),
      servername: tlsName(endpoint) ?? host,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    const end = (source?: CertificateSource): void => {
      socket.destroy();
      resolve(source);
    };
    socket.setTimeout(5_000, () => end());
    socket.once('error', () => end());
    socket.once('secureConnect', () => {
      const pem = socket.getPeerX509Certificate()?.toString();
      end(pem === undefined ? undefined : { name: 'TLS shown by our peer', path: endpoint, pem });
    });
  });
}
