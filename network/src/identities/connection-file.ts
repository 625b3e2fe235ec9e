import { endorsersOf } from '../channel/channel-usable.ts';
import { allCertificates } from '../topology/certificates.ts';
import { mspCertificate, mspKey, type Layout } from '../topology/layout.ts';
import { addressOf, type Organisation, type Topology } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** Holds what an organisation's server needs to speak on the channel. All paths are absolute. */
export interface ConnectionFile {
  readonly msp: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly peer: { readonly endpoint: string; readonly tlsCa: string };
  readonly identity: { readonly certificate: string; readonly privateKey: string };
  /** Organisations to ask for endorsement, the own one first. */
  readonly endorsers: readonly string[];
  /** Says how many of them must agree where a key has no policy of its own. */
  readonly quorum: number;
  /** One of them: what its peer must agree to besides, is the overarching policy. */
  readonly auditor: string;
  readonly trust: string;
  /** Certificates of the organisation that the server tells the end of. */
  readonly certificates: readonly { readonly name: string; readonly path: string }[];
}

export function writeConnectionFile(topology: Topology, layout: Layout, o: Organisation): void {
  const { msps, tls, connection } = layout.of(o);
  const content: ConnectionFile = {
    msp: o.msp,
    channel: topology.channel,
    chaincode: topology.chaincode.name,
    peer: { endpoint: addressOf(topology, o, 'peer'), tlsCa: tls.peer.ca },
    identity: { certificate: mspCertificate(msps.server), privateKey: mspKey(msps.server) },
    endorsers: endorsersOf({ topology }, o),
    quorum: topology.chaincode.endorsement,
    auditor: topology.chaincode.auditor,
    trust: layout.trust,
    certificates: allCertificates(topology, o, layout.of(o)),
  };
  writeFileWhole(connection, `${JSON.stringify(content, null, 2)}\n`);
}
