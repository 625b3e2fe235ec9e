import { resolve } from 'node:path';
import { IMPLICIT_POLICIES, type ImplicitPolicy } from '@chartseal/chaincode';
import type { Operators } from './http/for-operators.ts';
import type { Organisation } from './consent/organisation.ts';
import {
  BASES,
  ORGANISATION,
  ORIGINS,
  originsOf,
  PUBLIC_URL,
  TOKEN,
  type Form,
} from './setting-forms.ts';
import { isGivenByOldName, wrongNames, type SettingName } from './setting-names.ts';

/** Everything a server process is told from outside, read once and frozen. docs/environment.md explains each variable. */
export interface Config {
  readonly organisation: Organisation;
  readonly host: string;
  readonly port: number;
  /** Absolute URL under which clients see this server, without `/fhir`. */
  readonly publicUrl: string;
  readonly store:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'mongodb'; readonly url: string };
  readonly ledger:
    | { readonly kind: 'fabric'; readonly connection: string }
    | { readonly kind: 'embedded'; readonly folder: string };
  /** Trust anchors file: read with Fabric, written by the embedded ledger. */
  readonly trust: string;
  readonly directory: string;
  readonly keys: string;
  readonly definitions: string;
  /** Paths of FHIR packages. */
  readonly packages: readonly string[];
  readonly development: boolean;
  readonly policy: ImplicitPolicy;
  /** Says what becomes of a Consent that others record for a patient without evidence that the patient wanted it. */
  readonly consentEvidence: 'warn' | 'require';
  /** Says what must hold of literal references to this server. */
  readonly integrity: 'off' | 'write' | 'write-and-delete';
  /** Says what becomes of data whose owner cannot be established: kept for the custodian alone, or refused. */
  readonly unassigned: 'quarantine' | 'refuse';
  /** Other base URLs that mean ours, without a trailing slash, where they tell whose data something is. */
  readonly baseAliases: readonly string[];
  /** Systems whose identifiers each name one patient of the custodian. */
  readonly identifierSystems: readonly string[];
  /** Tells whether a conditional delete may delete several resources. */
  readonly deleteMatches: 'single' | 'multiple';
  /** Seconds that the answer of a request in the background is kept. */
  readonly asyncKeep: number;
  /** Bytes of one resource, and of a batch or transaction. */
  readonly maxBody: number;
  readonly maxBundle: number;
  /** Origins whose scripts may use the API; `*`: all. */
  readonly corsOrigins: readonly string[];
  /** Seconds for which the page links of a search work at least. */
  readonly pageLinks: number;
  /** Says who sees `/metrics` and `/openapi.json`. */
  readonly operators: Operators;
  readonly logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error listing every variable that is missing, wrong or unknown */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = [...wrongNames(environment)];
  // An empty variable is what a file of settings leaves of one that is not given.
  const given = (name: SettingName): string | undefined =>
    environment[name]?.trim() === '' ? undefined : environment[name];
  const text = (name: SettingName, fallback?: string): string => {
    const value = given(name) ?? fallback;
    if (value === undefined && !isGivenByOldName(name, environment))
      problems.push(`${name} is not set`);
    return value ?? '';
  };
  const number = (
    name: SettingName,
    fallback: number,
    bounds: readonly [number, number],
  ): number => {
    const digits = given(name) ?? String(fallback);
    const value = Number(digits);
    if (/^\d+$/.test(digits) && value >= bounds[0] && value <= bounds[1]) return value;
    problems.push(`${name} must be a whole number from ${bounds[0]} to ${bounds[1]}`);
    return fallback;
  };
  const like = (name: SettingName, form: Form, fallback?: string): string => {
    const value = text(name, fallback);
    if (value !== '' && !form.fits(value)) problems.push(`${name} must be ${form.words}`);
    return value;
  };
  const oneOf = <T extends string>(name: SettingName, allowed: readonly T[], fallback: T): T => {
    const value = given(name) ?? fallback;
    const found = allowed.find((each) => each === value);
    if (found === undefined) problems.push(`${name} must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  };

  const host = text('HOST', '127.0.0.1');
  const port = number('PORT', 8080, [1, 65535]);
  const production = environment['NODE_ENV'] === 'production';
  const ledger = readLedger(text('CHARTSEAL_LEDGER'), problems);
  if (production && ledger.kind === 'embedded') {
    problems.push(
      'CHARTSEAL_LEDGER=embedded is for development only and refused when NODE_ENV=production',
    );
  }
  const development =
    oneOf('CHARTSEAL_DEVELOPMENT', ['true', 'false'], 'false') === 'true' && !production;
  const token = like('CHARTSEAL_METRICS_TOKEN', TOKEN, '');
  const config: Config = {
    organisation: {
      name: text('CHARTSEAL_ORGANISATION_NAME'),
      msp: text('CHARTSEAL_MSP'),
      reference: like('CHARTSEAL_ORGANISATION_REFERENCE', ORGANISATION),
    },
    host,
    port,
    publicUrl: like('CHARTSEAL_PUBLIC_URL', PUBLIC_URL, addressOf(host, port)).replace(/\/$/, ''),
    store: readStore(text('CHARTSEAL_STORE'), problems),
    ledger,
    trust: resolve(text('CHARTSEAL_TRUST')),
    directory: resolve(text('CHARTSEAL_DIRECTORY')),
    keys: resolve(text('CHARTSEAL_KEYS')),
    definitions: resolve(text('CHARTSEAL_DEFINITIONS', 'server/definitions')),
    packages: listOf(given('CHARTSEAL_PACKAGES') ?? '').map((path) => resolve(path)),
    development,
    operators: token === '' ? (development ? 'everybody' : 'nobody') : { token },
    consentEvidence: oneOf('CHARTSEAL_CONSENT_EVIDENCE', ['warn', 'require'], 'warn'),
    policy: oneOf('CHARTSEAL_POLICY', IMPLICIT_POLICIES, 'basic-normal'),
    integrity: oneOf('CHARTSEAL_REFERENCES', ['off', 'write', 'write-and-delete'], 'off'),
    unassigned: oneOf('CHARTSEAL_UNASSIGNED', ['quarantine', 'refuse'], 'quarantine'),
    baseAliases: listOf(like('CHARTSEAL_BASE_ALIASES', BASES, '')).map((url) =>
      url.replace(/\/+$/, ''),
    ),
    identifierSystems: listOf(given('CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS') ?? ''),
    deleteMatches: oneOf('CHARTSEAL_CONDITIONAL_DELETE', ['single', 'multiple'], 'single'),
    asyncKeep: number('CHARTSEAL_ASYNC_KEEP', 3600, [60, 86_400]),
    maxBody: number('CHARTSEAL_MAX_BODY', 16 * 1024 * 1024, [1024, 256 * 1024 * 1024]),
    maxBundle: number('CHARTSEAL_MAX_BUNDLE', 64 * 1024 * 1024, [1024, 256 * 1024 * 1024]),
    corsOrigins: originsOf(like('CHARTSEAL_CORS_ORIGINS', ORIGINS, '*')),
    pageLinks: number('CHARTSEAL_PAGE_LINKS', 900, [1, 86_400]),
    logLevel: oneOf(
      'CHARTSEAL_LOG_LEVEL',
      ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
      'info',
    ),
  };
  if (problems.length > 0)
    throw new Error(`The configuration is not usable:\n  ${problems.join('\n  ')}`);
  return Object.freeze(config);
}

/** The address on which a server listens, as a URL; one of IPv6 stands in brackets there. */
function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readStore(value: string, problems: string[]): Config['store'] {
  if (value.startsWith('sqlite:')) return { kind: 'sqlite', path: resolve(value.slice(7)) };
  if (/^mongodb(\+srv)?:\/\//.test(value)) return { kind: 'mongodb', url: value };
  problems.push('CHARTSEAL_STORE must be sqlite:<path> or mongodb://<hosts>/<database>');
  return { kind: 'sqlite', path: '' };
}

function readLedger(value: string, problems: string[]): Config['ledger'] {
  if (value.startsWith('fabric:')) return { kind: 'fabric', connection: resolve(value.slice(7)) };
  if (value.startsWith('embedded:')) return { kind: 'embedded', folder: resolve(value.slice(9)) };
  problems.push('CHARTSEAL_LEDGER must be fabric:<connection file> or embedded:<folder>');
  return { kind: 'embedded', folder: '' };
}
