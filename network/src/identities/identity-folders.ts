import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const identityRoot = (ca: string) => join(ca, 'ca-cert.pem');
const tlsRoot = (ca: string) => join(ca, 'tls', 'ca-cert.pem');

/** Gives an enrolled MSP folder fixed file names and the organisation's classification of members. */
export function installMsp(msp: string, ca: string): void {
  renameSync(join(msp, 'signcerts', 'cert.pem'), join(msp, 'signcerts', 'certificate.pem'));
  renameSync(onlyKey(msp), join(msp, 'keystore', 'key.pem'));
  chmodSync(join(msp, 'keystore', 'key.pem'), 0o600);
  removeIssuerFiles(msp);
  writeAuthorities(msp, ca);
}

/** Turns an enrolled folder into ca.pem, certificate.pem and key.pem. */
export function installTls(folder: string, ca: string): void {
  renameSync(join(folder, 'signcerts', 'cert.pem'), join(folder, 'certificate.pem'));
  renameSync(onlyKey(folder), join(folder, 'key.pem'));
  chmodSync(join(folder, 'key.pem'), 0o600);
  removeIssuerFiles(folder);
  for (const empty of ['signcerts', 'keystore', 'cacerts', 'user']) {
    rmSync(join(folder, empty), { recursive: true, force: true });
  }
  copyFileSync(tlsRoot(ca), join(folder, 'ca.pem'));
}

/** The MSP that goes into the channel configuration: roots and the classification, no member. */
export function writeOrganisationMsp(msp: string, ca: string): void {
  mkdirSync(msp, { recursive: true });
  writeAuthorities(msp, ca);
}

function writeAuthorities(msp: string, ca: string): void {
  for (const [folder, root] of [
    ['cacerts', identityRoot(ca)],
    ['tlscacerts', tlsRoot(ca)],
  ] as const) {
    rmSync(join(msp, folder), { recursive: true, force: true });
    mkdirSync(join(msp, folder));
    copyFileSync(root, join(msp, folder, 'ca.pem'));
  }
  const unit = (name: string) => ({
    Certificate: 'cacerts/ca.pem',
    OrganizationalUnitIdentifier: name,
  });
  const config = {
    NodeOUs: {
      Enable: true,
      ClientOUIdentifier: unit('client'),
      PeerOUIdentifier: unit('peer'),
      AdminOUIdentifier: unit('admin'),
      OrdererOUIdentifier: unit('orderer'),
    },
  };
  writeFileSync(join(msp, 'config.yaml'), stringify(config));
}

function onlyKey(folder: string): string {
  const keystore = join(folder, 'keystore');
  const [key, ...others] = readdirSync(keystore);
  if (key === undefined || others.length > 0) {
    throw new Error(`expected exactly one key in ${keystore}`);
  }
  return join(keystore, key);
}

/** Fabric CA adds its Idemix issuer keys, which this network does not use. */
function removeIssuerFiles(folder: string): void {
  for (const file of ['IssuerPublicKey', 'IssuerRevocationPublicKey', 'user']) {
    rmSync(join(folder, file), { recursive: true, force: true });
  }
}
