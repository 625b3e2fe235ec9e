import { mspAuthority, mspCertificate, mspKey, type OrganisationLayout } from './layout.ts';
import { hostOf, type Organisation, type Topology } from './topology.ts';

/**
 * Signing profile of the orderers' identities. The channel configuration names a consenter by the very bytes of its
 * certificate and an orderer does not start with an expired one, so that these live as long as their authority.
 * Fabric CA lets no profile but its default, `ca` and `tls` write attributes into certificates: hence the name.
 */
export const CONSENTER_PROFILE = 'tls';

type IdentityOwner = 'peer' | 'orderer' | 'admin' | 'server';
type TlsOwner = 'peer' | 'orderer' | 'chaincode' | 'admin';

/** A certificate that an organisation's Fabric CA issues, and where it lies. */
export type IssuedCertificate = {
  /** `<owner>.<organisation> <identity or tls>`, unique in the network. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly key: string;
  /** Certificate of the authority that issues it. */
  readonly issuer: string;
} & (
  | { readonly authority: 'identity'; readonly owner: IdentityOwner }
  | { readonly authority: 'tls'; readonly owner: TlsOwner }
);

const IDENTITY_OWNERS: readonly IdentityOwner[] = ['peer', 'orderer', 'admin', 'server'];
const TLS_OWNERS: readonly TlsOwner[] = ['peer', 'orderer', 'chaincode', 'admin'];

/** Every certificate of an organisation but those of its authorities. */
export function issuedCertificates(
  topology: Topology,
  o: Organisation,
  { msps, tls }: Pick<OrganisationLayout, 'msps' | 'tls'>,
): readonly IssuedCertificate[] {
  const identities = IDENTITY_OWNERS.map((owner): IssuedCertificate => ({
    name: `${owner}.${o.name} identity`,
    authority: 'identity',
    owner,
    hosts: [`${owner}.${o.name}`],
    path: mspCertificate(msps[owner]),
    key: mspKey(msps[owner]),
    issuer: mspAuthority(msps[owner]),
  }));
  const tlsCertificates = TLS_OWNERS.map((owner): IssuedCertificate => ({
    name: `${owner}.${o.name} tls`,
    authority: 'tls',
    owner,
    hosts: [...new Set(['127.0.0.1', 'localhost', hostOf(topology, owner, o)])],
    path: tls[owner].certificate,
    key: tls[owner].key,
    issuer: tls[owner].ca,
  }));
  return [...identities, ...tlsCertificates];
}

/** Every certificate of an organisation, those of its authorities included. */
export function allCertificates(
  topology: Topology,
  o: Organisation,
  layout: Pick<OrganisationLayout, 'msp' | 'msps' | 'tls'>,
): readonly { readonly name: string; readonly path: string }[] {
  return [
    ...issuedCertificates(topology, o, layout).map(({ name, path }) => ({ name, path })),
    { name: `authority.${o.name} identity`, path: mspAuthority(layout.msp) },
    { name: `authority.${o.name} tls`, path: layout.tls.peer.ca },
  ];
}

/** Fabric's node type of an identity: it becomes the organisational unit that NodeOUs classify by. */
export const nodeType = (owner: IdentityOwner): string => (owner === 'server' ? 'client' : owner);

/** The channel's configuration holds this very certificate of an orderer, so that no other takes its place alone. */
export const isConsenter = ({ authority, owner }: IssuedCertificate): boolean =>
  authority === 'identity' && owner === 'orderer';

export const profileOf = (certificate: IssuedCertificate): { readonly profile?: string } =>
  isConsenter(certificate) ? { profile: CONSENTER_PROFILE } : {};
