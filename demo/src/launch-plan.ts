import { join } from 'node:path';
import { withoutCredentials } from '../../server/src/store/mongo/address.ts';
import { organisations, type Organisation } from './organisations.ts';

/** Holds what `npm start` was asked for. */
export interface LaunchOptions {
  /** Root of the work tree. */
  readonly root: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly ledger: 'fabric' | 'embedded';
  /** `sqlite` or an address of MongoDB. */
  readonly store: string;
  /** Port of the first server; the others follow. */
  readonly port: number;
  /** Absolute paths of FHIR packages that the servers load after our own. */
  readonly packages: readonly string[];
}

/** One organisation's server as it is to be started. */
export interface ServerPlan {
  readonly organisation: Organisation;
  readonly port: number;
  /** Base of its FHIR interface. */
  readonly fhir: string;
  readonly trust: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function planServers(options: LaunchOptions): readonly ServerPlan[] {
  return organisations.map((organisation, index) => {
    const port = options.port + index;
    const trust = trustFile(options, organisation);
    const { name, msp } = organisation;
    const inData = (...path: string[]): string => join(options.dataDir, ...path);
    return {
      organisation,
      port,
      fhir: `http://127.0.0.1:${port}/fhir`,
      trust,
      environment: {
        CHARTSEAL_ORGANISATION_NAME: name,
        CHARTSEAL_MSP: msp,
        CHARTSEAL_ORGANISATION_REFERENCE: `Organization/${name}`,
        HOST: '127.0.0.1',
        PORT: String(port),
        CHARTSEAL_STORE: storeOf(options, name),
        CHARTSEAL_LEDGER:
          options.ledger === 'fabric'
            ? `fabric:${inData('network', name, 'connection.json')}`
            : `embedded:${inData('embedded', name)}`,
        CHARTSEAL_TRUST: trust,
        CHARTSEAL_DIRECTORY: inData('directory.json'),
        CHARTSEAL_KEYS: inData('keys', name),
        CHARTSEAL_DEFINITIONS: join(options.root, 'server', 'definitions'),
        CHARTSEAL_PACKAGES: [
          join(options.root, 'fhir-profiles', 'package'),
          ...options.packages,
        ].join(),
        CHARTSEAL_DEVELOPMENT: 'true',
      },
    };
  });
}

/** With the embedded ledger every server signs its own blocks, so each has anchors of its own. */
function trustFile(options: LaunchOptions, organisation: Organisation): string {
  const shared = options.ledger === 'fabric' || organisation.name === 'hospital';
  return shared
    ? join(options.dataDir, 'trust.json')
    : join(options.dataDir, 'embedded', `trust-${organisation.name}.json`);
}

/** `mongodb://host/base?x` becomes `mongodb://host/base-hospital?x`. */
function storeOf(options: LaunchOptions, name: string): string {
  if (options.store === 'sqlite')
    return `sqlite:${join(options.dataDir, 'store', `${name}.sqlite`)}`;
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(options.store);
  if (parts === null) {
    throw new Error(`Not an address of MongoDB: ${withoutCredentials(options.store)}`);
  }
  const [, hosts = '', base, query = ''] = parts;
  return `${hosts}/${base === undefined || base === '' ? 'chartseal' : base}-${name}${query}`;
}
