import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { currentCaConfig, type Authority } from './ca-config.ts';
import { CaClient } from './ca-client.ts';
import { withCaServer } from './ca-server.ts';
import { expiryOf } from './expiry.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import {
  isConsenter,
  issuedCertificates,
  profileOf,
  type IssuedCertificate,
} from '../topology/certificates.ts';
import type { Organisation } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** Fabric CA rounds ends to minutes, so that two of its certificates may end this far apart and mean the same. */
const ROUNDING = 120_000;

/**
 * The certificates of an organisation that end before `until` (ms since the epoch) and that a renewal gives a later
 * end. An orderer's identity is none of them: its place is the channel's configuration.
 */
export function dueCertificates(
  { topology, layout }: Pick<NetworkContext, 'topology' | 'layout'>,
  o: Organisation,
  until: number,
): readonly IssuedCertificate[] {
  return issuedCertificates(topology, o, layout.of(o)).filter((certificate) => {
    const end = expiryOf(certificate.path);
    const last = expiryOf(certificate.issuer);
    return !isConsenter(certificate) && end <= until && end + ROUNDING < last;
  });
}

/**
 * Has certificates of one organisation issued anew by its Fabric CA, for the keys they have: whatever holds or trusts
 * the key goes on, and each file is replaced whole, so that a run may end anywhere and the next one takes up the rest.
 */
export async function renewCertificates(
  { topology, layout, bin }: NetworkContext,
  organisation: Organisation,
  due: readonly IssuedCertificate[],
): Promise<void> {
  const { root, identities } = layout.of(organisation);
  const home = join(identities, 'ca');
  const work = join(root, 'renewal');
  for (const authority of ['identity', 'tls'] as const) {
    const folder = authority === 'identity' ? home : join(home, 'tls');
    const path = join(folder, 'fabric-ca-server-config.yaml');
    const stored = parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const config = currentCaConfig(stored, topology, organisation, authority);
    writeFileWhole(path, stringify(config), 0o600);
  }
  const options = { bin, organisation, caHome: home, timeout: topology.timeouts.command };
  await withCaServer({ topology, organisation, bin, home, run: layout.run }, async (url) => {
    const client = (authority: Authority) => new CaClient({ ...options, url, authority });
    for (const certificate of due) {
      const folder = join(work, certificate.name.replace(' ', '-'));
      try {
        await renew(client(certificate.authority), certificate, folder);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
  });
}

async function renew(
  client: CaClient,
  certificate: IssuedCertificate,
  folder: string,
): Promise<void> {
  const [signcerts, keystore] = [join(folder, 'signcerts'), join(folder, 'keystore')];
  rmSync(folder, { recursive: true, force: true });
  for (const each of [signcerts, keystore]) mkdirSync(each, { recursive: true, mode: 0o700 });
  copyFileSync(certificate.path, join(signcerts, 'cert.pem'));
  copyFileSync(certificate.key, join(keystore, 'key.pem'));
  const { owner: name, hosts } = certificate;
  await client.renew({ name, hosts, ...profileOf(certificate) }, folder);
  const fresh = readFileSync(join(signcerts, 'cert.pem'));
  const [before, after] = [
    new X509Certificate(readFileSync(certificate.path)),
    new X509Certificate(fresh),
  ];
  if (!after.publicKey.equals(before.publicKey) || Date.parse(after.validTo) <= Date.now()) {
    throw new Error(
      `Fabric CA issued another certificate for ${certificate.name} than was asked for`,
    );
  }
  writeFileWhole(certificate.path, fresh);
}
