import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { caConfig, type Authority } from './ca-config.ts';
import { CaClient } from './ca-client.ts';
import { withCaServer } from './ca-server.ts';
import { installMsp, installTls, writeOrganisationMsp } from './identity-folders.ts';
import { organisationLayout, type Layout } from '../topology/layout.ts';
import { hostOf, type Organisation, type Topology } from '../topology/topology.ts';

interface Identity {
  readonly owner: 'peer' | 'orderer' | 'admin' | 'server';
  readonly type: 'peer' | 'orderer' | 'admin' | 'client';
}
const IDENTITIES: readonly Identity[] = [
  { owner: 'peer', type: 'peer' },
  { owner: 'orderer', type: 'orderer' },
  { owner: 'admin', type: 'admin' },
  { owner: 'server', type: 'client' },
];
const TLS_OWNERS = ['peer', 'orderer', 'chaincode', 'admin'] as const;

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
    for (const { owner, type } of IDENTITIES) {
      const attributes = { 'fhir.role': owner, 'fhir.org': organisation.reference };
      await identityCa.issue(
        { name: owner, type, attributes, hosts: [`${owner}.${organisation.name}`] },
        target.msps[owner],
      );
      installMsp(target.msps[owner], ca);
    }
    for (const owner of TLS_OWNERS) {
      const hosts = ['127.0.0.1', 'localhost', hostOf(topology, owner, organisation)];
      const folder = join(fresh, owner, 'tls');
      await tlsCa.issue(
        { name: owner, type: 'client', attributes: {}, hosts: [...new Set(hosts)] },
        folder,
      );
      installTls(folder, ca);
    }
  });
  writeOrganisationMsp(target.msp, ca);
  renameSync(fresh, identities);
  return true;
}
