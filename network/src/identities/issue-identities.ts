import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { caConfig, type Authority } from './ca-config.ts';
import { CaClient } from './ca-client.ts';
import { withCaServer } from './ca-server.ts';
import { installMsp, installTls, writeOrganisationMsp } from './identity-folders.ts';
import { issuedCertificates, nodeType, profileOf } from '../topology/certificates.ts';
import { organisationLayout, type Layout } from '../topology/layout.ts';
import type { Organisation, Topology } from '../topology/topology.ts';

/**
 * Issues every identity of one organisation from its own Fabric CA, unless that has been done.
 * The CA runs only meanwhile: between issuing its key is on disk and no port is open.
 * The identities folder appears by one rename, so an interrupted issue starts again from nothing.
 */
export async function issueIdentities(
  topology: Topology,
  organisation: Organisation,
  layout: Layout,
  bin: string,
): Promise<boolean> {
  const { root, identities } = layout.of(organisation);
  if (existsSync(identities)) return false;
  const fresh = `${identities}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const ca = join(fresh, 'ca');
  const password = randomBytes(24).toString('base64url');
  for (const authority of ['identity', 'tls'] as const) {
    const home = authority === 'identity' ? ca : join(ca, 'tls');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const config = caConfig(topology, organisation, authority, {
      registrar: 'registrar',
      password,
    });
    writeFileSync(join(home, 'fabric-ca-server-config.yaml'), stringify(config), { mode: 0o600 });
  }
  const target = organisationLayout(root, fresh);
  await withCaServer({ topology, organisation, bin, home: ca, run: layout.run }, async (url) => {
    const client = (authority: Authority) =>
      new CaClient({
        bin,
        url,
        organisation,
        authority,
        caHome: ca,
        timeout: topology.timeouts.command,
      });
    const identityCa = client('identity');
    const tlsCa = client('tls');
    await Promise.all([identityCa.enrolRegistrar(password), tlsCa.enrolRegistrar(password)]);
    for (const certificate of issuedCertificates(topology, organisation, target)) {
      const { owner, authority, hosts } = certificate;
      if (authority === 'tls') {
        const folder = dirname(certificate.path);
        await tlsCa.issue({ name: owner, type: 'client', attributes: {}, hosts }, folder);
        installTls(folder, ca);
      } else {
        const attributes = { 'fhir.role': owner, 'fhir.org': organisation.reference };
        const request = { name: owner, type: nodeType(owner), attributes, hosts };
        await identityCa.issue({ ...request, ...profileOf(certificate) }, target.msps[owner]);
        installMsp(target.msps[owner], ca);
      }
    }
  });
  writeOrganisationMsp(target.msp, ca);
  renameSync(fresh, identities);
  return true;
}
