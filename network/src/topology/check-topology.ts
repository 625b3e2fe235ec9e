// The network is up before anything is built, so it reads this kit where it is written.
import {
  agreeing,
  faultsOf,
  integer,
  list,
  object,
  text,
  type Draft,
  type Shape,
} from '@chartseal/evidence/shape-source';
import { PORT_NAMES, type Organisation, type PortName, type Topology } from './topology-shape.ts';

/** Every fault of a topology at once, one line each. */
export class TopologyError extends Error {
  readonly faults: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super(`${source} is not a usable topology:\n${faults.map((f) => `  - ${f}`).join('\n')}`);
    this.name = 'TopologyError';
    this.faults = faults;
  }
}

/** @throws TopologyError naming every element that is missing, malformed or in conflict. */
export function checkTopology(value: unknown, source: string): Topology {
  const faults = faultsOf(topology, value, '');
  if (faults.length > 0) throw new TopologyError(source, faults);
  return topology(value, '');
}

const written = (pattern: RegExp): Shape<string> => text(pattern, `text like ${pattern.source}`);
const name = written(/^[a-z][a-z0-9-]{0,30}$/);
const duration = written(/^[1-9][0-9]*(ms|s|m|h)$/);
const size = written(/^[1-9][0-9]* (KB|MB)$/);
const msp = text(/^[A-Z][A-Za-z0-9]+MSP$/, 'an MSP id like ExampleMSP');
const positive = integer(1, Number.MAX_SAFE_INTEGER, 'a positive integer');
const port = integer(1024, 65535, 'a port from 1024 to 65535');

const organisation: Shape<Organisation> = object({
  name,
  msp,
  reference: text(/^Organization\/[A-Za-z0-9.-]{1,64}$/, 'a FHIR reference Organization/<id>'),
  ports: object(
    Object.fromEntries(PORT_NAMES.map((each) => [each, port])) as Record<PortName, Shape<number>>,
  ),
});

const topology: Shape<Topology> = agreeing(
  object({
    channel: name,
    host: written(/^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[a-z{}.-]+)$/),
    chaincode: object({
      name,
      version: written(/^[A-Za-z0-9_.-]{1,32}$/),
      endorsement: positive,
      auditor: msp,
    }),
    ordering: object({
      requestBatchMaxInterval: duration,
      requestForwardTimeout: duration,
      requestComplainTimeout: duration,
      leaderHeartbeatTimeout: duration,
      viewChangeTimeout: duration,
      maxMessageCount: positive,
      absoluteMaxBytes: size,
      preferredMaxBytes: size,
    }),
    certificates: object({ lifetime: duration, authorityLifetime: duration }),
    peer: object({
      proposalTimeWindow: duration,
      gossip: object({
        reconnectInterval: duration,
        stateInterval: duration,
        aliveInterval: duration,
        aliveExpiration: duration,
      }),
      gatewayConcurrency: positive,
    }),
    logging: written(/^[a-zA-Z0-9.:=,_-]+$/),
    timeouts: object({ command: positive, ready: positive, stop: positive }),
    organisations: agreeing(list(organisation, 1000), conflicts),
  }),
  function* ({ chaincode, organisations }) {
    if ((chaincode?.endorsement ?? 0) > (organisations?.length ?? Infinity))
      yield 'chaincode.endorsement asks for more organisations than there are';
    if (organisations?.every((each) => each?.msp !== chaincode?.auditor) === true)
      yield 'chaincode.auditor must be the msp of one of the organisations';
  },
);

/** A BFT orderer set tolerates a fault only from four members on. */
const MIN_ORGANISATIONS = 4;

function* conflicts(organisations: Draft<Organisation[]>, path: string): Generator<string> {
  if (organisations.length < MIN_ORGANISATIONS)
    yield `${path} must list at least ${MIN_ORGANISATIONS}: fewer orderers tolerate no fault`;
  for (const key of ['name', 'msp', 'reference'] as const)
    yield* duplicates(
      organisations.map((each) => each?.[key]),
      key,
    );
  yield* duplicates(
    organisations.flatMap((each) => Object.values(each?.ports ?? {})),
    'port',
  );
}

function* duplicates(values: readonly unknown[], what: string): Generator<string> {
  const seen = new Set<unknown>();
  for (const value of values) {
    if (seen.has(value)) yield `${what} ${JSON.stringify(value)} is used twice`;
    if (value !== undefined) seen.add(value);
  }
}
