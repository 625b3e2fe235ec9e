import { join } from 'node:path';
import type { Organisation, Role } from './topology.ts';

/** Says where everything of one network lies under its data folder; all paths are absolute. */
export interface Layout {
  readonly root: string;
  readonly topology: string;
  readonly lock: string;
  readonly logs: string;
  readonly run: string;
  readonly channel: string;
  readonly channelBlock: string;
  readonly trust: string;
  readonly of: (organisation: Organisation) => OrganisationLayout;
}

/** One organisation's folder. `identities` comes into being whole or not at all. */
export interface OrganisationLayout {
  readonly root: string;
  readonly identities: string;
  /** MSP definition of the organisation: certificates only. */
  readonly msp: string;
  readonly msps: Readonly<Record<'peer' | 'orderer' | 'admin' | 'server', string>>;
  readonly tls: Readonly<Record<Role | 'admin', TlsFiles>>;
  readonly peer: string;
  readonly orderer: string;
  readonly chaincode: string;
  readonly connection: string;
}

interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export function layoutOf(
  dataDir: string,
  trust: string = join(dataDir, '..', 'trust.json'),
): Layout {
  return {
    root: dataDir,
    topology: join(dataDir, 'topology.json'),
    lock: join(dataDir, 'lock.json'),
    logs: join(dataDir, 'logs'),
    run: join(dataDir, 'run'),
    channel: join(dataDir, 'channel'),
    channelBlock: join(dataDir, 'channel', 'genesis.block'),
    trust,
    of: (organisation) => organisationLayout(join(dataDir, organisation.name)),
  };
}

export function organisationLayout(
  root: string,
  identities: string = join(root, 'identities'),
): OrganisationLayout {
  const tls = (owner: string): TlsFiles => ({
    ca: join(identities, owner, 'tls', 'ca.pem'),
    certificate: join(identities, owner, 'tls', 'certificate.pem'),
    key: join(identities, owner, 'tls', 'key.pem'),
  });
  const msp = (owner: string) => join(identities, owner, 'msp');
  return {
    root,
    identities,
    msp: join(identities, 'msp'),
    msps: {
      peer: msp('peer'),
      orderer: msp('orderer'),
      admin: msp('admin'),
      server: msp('server'),
    },
    tls: {
      peer: tls('peer'),
      orderer: tls('orderer'),
      chaincode: tls('chaincode'),
      admin: tls('admin'),
    },
    peer: join(root, 'peer'),
    orderer: join(root, 'orderer'),
    chaincode: join(root, 'chaincode'),
    connection: join(root, 'connection.json'),
  };
}

/** Files of an identity inside its MSP folder. */
export const mspCertificate = (msp: string): string => join(msp, 'signcerts', 'certificate.pem');
export const mspKey = (msp: string): string => join(msp, 'keystore', 'key.pem');
export const mspAuthority = (msp: string): string => join(msp, 'cacerts', 'ca.pem');
