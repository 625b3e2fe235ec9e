import { CONSENTER_PROFILE } from '../topology/certificates.ts';
import { localHost, type Organisation, type Topology } from '../topology/topology.ts';

/** The two authorities of an organisation: one for identities, one for TLS, so that no TLS key can sign as a member. */
export type Authority = 'identity' | 'tls';

export const authorityName = (organisation: Organisation, authority: Authority): string =>
  `${authority}.${organisation.name}`;

export interface CaSecrets {
  readonly registrar: string;
  readonly password: string;
}

/** Configuration of one authority of an organisation's Fabric CA server, as fabric-ca-server-config.yaml. */
export function caConfig(
  topology: Topology,
  organisation: Organisation,
  authority: Authority,
  secrets: CaSecrets,
): object {
  const shared = {
    // A holder of the key of an expired certificate may renew it: the authority runs only while this network asks it.
    ca: { name: authorityName(organisation, authority), reenrollignorecertexpiry: true },
    registry: {
      // Each secret enrols one certificate and is then worthless.
      maxenrollments: 1,
      identities: [
        {
          name: secrets.registrar,
          pass: secrets.password,
          type: 'client',
          affiliation: '',
          attrs: {
            'hf.Registrar.Roles': '*',
            'hf.Registrar.Attributes': '*',
            'hf.Revoker': true,
            'hf.GenCRL': true,
          },
        },
      ],
    },
    db: { type: 'sqlite3', datasource: 'fabric-ca-server.db' },
    affiliations: {},
    signing: signing(topology, authority),
    csr: {
      cn: authorityName(organisation, authority),
      keyrequest: { algo: 'ecdsa', size: 256 },
      names: [{ O: organisation.name }],
      hosts: ['127.0.0.1', 'localhost'],
      ca: { expiry: topology.certificates.authorityLifetime, pathlength: 0 },
    },
    bccsp: {
      default: 'SW',
      sw: { hash: 'SHA2', security: 256, filekeystore: { keystore: 'msp/keystore' } },
    },
  };
  if (authority === 'tls') return shared;
  return {
    ...shared,
    address: localHost(topology),
    port: organisation.ports.ca,
    tls: { enabled: true },
    cafiles: ['tls/fabric-ca-server-config.yaml'],
    operations: { listenAddress: '127.0.0.1:0' },
    metrics: { provider: 'disabled' },
  };
}

function signing({ certificates }: Topology, authority: Authority): object {
  const usage = usages(authority);
  return {
    default: { usage, expiry: certificates.lifetime },
    ...(authority === 'identity' && {
      profiles: { [CONSENTER_PROFILE]: { usage, expiry: certificates.authorityLifetime } },
    }),
  };
}

/** An existing authority's configuration with what this version and the topology say about issuing; secrets stay. */
export function currentCaConfig(
  stored: Readonly<Record<string, unknown>>,
  topology: Topology,
  organisation: Organisation,
  authority: Authority,
): object {
  const fresh = caConfig(topology, organisation, authority, { registrar: '', password: '' });
  const { ca, signing: issuing } = fresh as Readonly<Record<string, unknown>>;
  return { ...stored, ca, signing: issuing };
}

function usages(authority: Authority): readonly string[] {
  return authority === 'identity'
    ? ['digital signature']
    : ['digital signature', 'key encipherment', 'server auth', 'client auth', 'key agreement'];
}
