/** The network's parameters, as `topology.yaml` states them. */
export interface Topology {
  readonly channel: string;
  /** Host of every process; `{role}` and `{organisation}` are filled in for each process. */
  readonly host: string;
  readonly chaincode: {
    readonly name: string;
    readonly version: string;
    /** Number of organisations whose peers must agree where a key has no policy of its own. */
    readonly endorsement: number;
    /** MSP id of the organisation whose peer must agree to every other one's overarching policy. */
    readonly auditor: string;
  };
  readonly ordering: {
    readonly requestBatchMaxInterval: string;
    readonly requestForwardTimeout: string;
    readonly requestComplainTimeout: string;
    readonly leaderHeartbeatTimeout: string;
    readonly viewChangeTimeout: string;
    readonly maxMessageCount: number;
    readonly absoluteMaxBytes: string;
    readonly preferredMaxBytes: string;
  };
  readonly certificates: { readonly lifetime: string; readonly authorityLifetime: string };
  readonly peer: {
    readonly proposalTimeWindow: string;
    readonly gossip: {
      readonly reconnectInterval: string;
      readonly stateInterval: string;
      readonly aliveInterval: string;
      readonly aliveExpiration: string;
    };
    readonly gatewayConcurrency: number;
  };
  readonly logging: string;
  /** Seconds. */
  readonly timeouts: { readonly command: number; readonly ready: number; readonly stop: number };
  readonly organisations: readonly Organisation[];
}

export interface Organisation {
  readonly name: string;
  readonly msp: string;
  /** FHIR reference of the organisation, carried by its identities as attribute `fhir.org`. */
  readonly reference: string;
  readonly ports: Readonly<Record<PortName, number>>;
}

export const PORT_NAMES = [
  'orderer',
  'peer',
  'chaincodeListener',
  'chaincode',
  'ordererAdmin',
  'ordererOperations',
  'peerOperations',
  'ca',
] as const;
export type PortName = (typeof PORT_NAMES)[number];

/** The long-running processes of one organisation, in the order in which they are started. */
export const ROLES = ['orderer', 'peer', 'chaincode'] as const;
export type Role = (typeof ROLES)[number];
