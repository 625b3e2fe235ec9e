import { readFileSync } from 'node:fs';
import type { FabricTrustAnchors } from '@chartseal/evidence';
import { mspAuthority, mspCertificate, type Layout } from '../topology/layout.ts';
import { quorumOf, type Topology } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

/** Returns what an auditor must hold to check this network's evidence offline. Nothing in it is secret. */
function trustAnchors(topology: Topology, layout: Layout): FabricTrustAnchors {
  const pem = (path: string) => readFileSync(path, 'utf8');
  return {
    format: 'chartseal-trust/1',
    ledger: 'fabric',
    channel: topology.channel,
    chaincode: topology.chaincode.name,
    organisations: topology.organisations.map((o) => ({
      name: o.name,
      msp: o.msp,
      rootCertificates: [pem(mspAuthority(layout.of(o).msp))],
    })),
    // Numbered as in the channel configuration.
    consenters: topology.organisations.map((o, index) => ({
      id: index + 1,
      msp: o.msp,
      certificate: pem(mspCertificate(layout.of(o).msps.orderer)),
    })),
    quorum: quorumOf(topology),
    // An append writes the log's own key, whose policy asks the custodian and one other.
    endorsement: {
      required: 2,
      of: topology.organisations.map((o) => o.msp),
    },
  };
}

export function writeTrustFile(topology: Topology, layout: Layout): void {
  writeFileWhole(layout.trust, `${JSON.stringify(trustAnchors(topology, layout), null, 2)}\n`);
}
