import { PORT_NAMES, type Topology } from './topology-shape.ts';

/** Every fault of a topology at once, one line each. */
export class TopologyError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super(`${source} is not a usable topology:\n${faults.map((f) => `  - ${f}`).join('\n')}`);
    this.name = 'TopologyError';
    this.faults = faults;
  }
}

const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const MSP = /^[A-Z][A-Za-z0-9]+MSP$/;
const DURATION = /^[1-9][0-9]*(ms|s|m|h)$/;
const SIZE = /^[1-9][0-9]* (KB|MB)$/;

const SCALARS: Readonly<Record<string, RegExp | 'count'>> = {
  channel: NAME,
  host: /^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[a-z{}.-]+)$/,
  'chaincode.name': NAME,
  'chaincode.version': /^[A-Za-z0-9_.-]{1,32}$/,
  'chaincode.endorsement': 'count',
  'chaincode.auditor': MSP,
  'ordering.requestBatchMaxInterval': DURATION,
  'ordering.requestForwardTimeout': DURATION,
  'ordering.requestComplainTimeout': DURATION,
  'ordering.leaderHeartbeatTimeout': DURATION,
  'ordering.viewChangeTimeout': DURATION,
  'ordering.maxMessageCount': 'count',
  'ordering.absoluteMaxBytes': SIZE,
  'ordering.preferredMaxBytes': SIZE,
  'certificates.lifetime': DURATION,
  'certificates.authorityLifetime': DURATION,
  'peer.proposalTimeWindow': DURATION,
  'peer.gossip.reconnectInterval': DURATION,
  'peer.gossip.stateInterval': DURATION,
  'peer.gossip.aliveInterval': DURATION,
  'peer.gossip.aliveExpiration': DURATION,
  'peer.gatewayConcurrency': 'count',
  logging: /^[a-zA-Z0-9.:=,_-]+$/,
  'timeouts.command': 'count',
  'timeouts.ready': 'count',
  'timeouts.stop': 'count',
};
const TOP_LEVEL = new Set([
  ...Object.keys(SCALARS).map((k) => k.split('.')[0] ?? k),
  'organisations',
]);
/** A BFT orderer set tolerates a fault only from four members on. */
const MIN_ORGANISATIONS = 4;

export function checkTopology(value: unknown, source: string): Topology {
  if (!isRecord(value)) throw new TopologyError(source, ['it is not a mapping']);
  const faults = [...checkScalars(value), ...checkOrganisations(value)];
  if (faults.length > 0) throw new TopologyError(source, faults);
  return value as unknown as Topology;
}

function* checkScalars(topology: Record<string, unknown>): Generator<string> {
  for (const key of Object.keys(topology)) {
    if (!TOP_LEVEL.has(key)) yield `${key} is not a parameter`;
  }
  for (const [path, rule] of Object.entries(SCALARS)) {
    const found = path
      .split('.')
      .reduce<unknown>((v, k) => (isRecord(v) ? v[k] : undefined), topology);
    if (rule === 'count') {
      if (!Number.isInteger(found) || (found as number) < 1)
        yield `${path} must be a positive integer`;
    } else if (typeof found !== 'string' || !rule.test(found)) {
      yield `${path} must match ${rule.source}`;
    }
  }
}

function* checkOrganisations(topology: Record<string, unknown>): Generator<string> {
  const organisations = topology['organisations'];
  if (!Array.isArray(organisations) || organisations.length < MIN_ORGANISATIONS) {
    yield `organisations must list at least ${MIN_ORGANISATIONS}: fewer orderers tolerate no fault`;
    return;
  }
  for (const [index, organisation] of organisations.entries()) {
    yield* checkOrganisation(organisation, `organisations[${index}]`);
  }
  for (const key of ['name', 'msp', 'reference']) {
    yield* duplicates(
      organisations.map((o) => (isRecord(o) ? o[key] : undefined)),
      key,
    );
  }
  yield* duplicates(
    organisations.flatMap((o) =>
      isRecord(o) && isRecord(o['ports']) ? Object.values(o['ports']) : [],
    ),
    'port',
  );
  const { endorsement, auditor } = (topology['chaincode'] ?? {}) as {
    endorsement?: number;
    auditor?: unknown;
  };
  if (endorsement !== undefined && endorsement > organisations.length) {
    yield 'chaincode.endorsement asks for more organisations than there are';
  }
  if (!organisations.some((o) => isRecord(o) && o['msp'] === auditor)) {
    yield 'chaincode.auditor must be the msp of one of the organisations';
  }
}

function* checkOrganisation(organisation: unknown, at: string): Generator<string> {
  if (!isRecord(organisation)) {
    yield `${at} is not a mapping`;
    return;
  }
  const { name, msp, reference, ports } = organisation;
  if (typeof name !== 'string' || !NAME.test(name)) yield `${at}.name must match ${NAME.source}`;
  if (typeof msp !== 'string' || !MSP.test(msp)) {
    yield `${at}.msp must look like ExampleMSP`;
  }
  if (typeof reference !== 'string' || !/^Organization\/[A-Za-z0-9.-]{1,64}$/.test(reference)) {
    yield `${at}.reference must be a FHIR reference Organization/<id>`;
  }
  for (const port of PORT_NAMES) {
    const number = isRecord(ports) ? ports[port] : undefined;
    if (!Number.isInteger(number) || (number as number) < 1024 || (number as number) > 65535) {
      yield `${at}.ports.${port} must be a port from 1024 to 65535`;
    }
  }
}

function* duplicates(values: readonly unknown[], what: string): Generator<string> {
  const seen = new Set<unknown>();
  for (const value of values) {
    if (seen.has(value)) yield `${what} ${JSON.stringify(value)} is used twice`;
    if (value === undefined) continue;
    seen.add(value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
