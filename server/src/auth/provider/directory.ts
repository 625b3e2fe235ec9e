import { ROLES, type Role } from '@chartseal/chaincode';
import { Refusal } from '@chartseal/evidence';
import {
  anyText,
  dictionary,
  flag,
  list,
  literal,
  object,
  oneOf,
  text,
  type Shape,
} from '@chartseal/evidence/shape';
import { readFileSync } from 'node:fs';
import type { JSONWebKeySet, JWK } from 'jose';

import { isPurpose } from '../purposes.ts';
import { parseScope } from '../scopes.ts';

/** Whom this authorization server knows. Public keys only: private ones stay with their owners. */
export interface Directory {
  readonly clients: readonly ClientEntry[];
  readonly persons: readonly PersonEntry[];
}

export type ClientEntry = BackendEntry | AppEntry;

interface Affiliation {
  readonly role: Role;
  readonly msp: string;
  /** `Organization/…` */
  readonly organization: string;
  /** Purposes of use it may state, the first when it states none; absent: treatment. See `mayState`. */
  readonly purposes?: readonly string[];
}

/** A system that calls for itself (SMART backend services). */
export interface BackendEntry extends Affiliation {
  readonly kind: 'backend';
  readonly clientId: string;
  readonly name: string;
  readonly jwks: JSONWebKeySet;
  /** `system/…` scopes it may be granted. */
  readonly scopes: readonly string[];
  /** True for a resource server that may introspect tokens of other clients. */
  readonly introspects?: boolean;
}

/** A program that acts for the person who logs in (SMART standalone launch); public unless it has keys. */
export interface AppEntry {
  readonly kind: 'app';
  readonly clientId: string;
  readonly name: string;
  readonly jwks?: JSONWebKeySet;
  readonly redirectUris: readonly string[];
  /** `patient/…` and `user/…` scopes it may be granted. */
  readonly scopes: readonly string[];
}

export interface PersonEntry extends Affiliation {
  readonly login: string;
  readonly name: string;
  /** `Practitioner/…` */
  readonly practitioner?: string;
  /** `Patient/…` */
  readonly patient?: string;
  /** `patient/…` and `user/…` scopes the person may pass on to an app. */
  readonly scopes: readonly string[];
}

/** @throws Error naming file, entry and member when the file is not exactly a Directory */
export function loadDirectory(path: string): Directory {
  try {
    return parseDirectory(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Error(
      `The directory of clients and persons (${path}) is not usable: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

/** @throws Refusal naming the entry and the member that is wrong */
export function parseDirectory(value: unknown): Directory {
  const directory = directoryShape(value, 'directory');
  unique(
    directory.clients.map(({ clientId }) => clientId),
    'clientId',
  );
  unique(
    directory.persons.map(({ login }) => login),
    'login',
  );
  return directory;
}

const MOST_ENTRIES = 1_000_000;
const MOST_WORDS = 1_000;

const name = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, ".", "_", "-"');
const title = text(/^[^\p{Cc}]{1,200}$/u, 'a text of 1 to 200 characters on one line');
const reference = (type: string): Shape<string> =>
  text(new RegExp(`^${type}/[A-Za-z0-9.-]{1,64}$`), `a reference ${type}/<id>`);

const purpose: Shape<string> = (value, path) => {
  const code = anyText(value, path);
  if (!isPurpose(code)) throw new Refusal(`${path} must be a purpose of use of v3-ActReason`);
  return code;
};

function scopes(...contexts: readonly string[]): Shape<readonly string[]> {
  return list((value, path) => {
    const word = anyText(value, path);
    const context = parseScope(word)?.context;
    if (context !== undefined && contexts.includes(context)) return word;
    throw new Refusal(
      `${path} must be a ${contexts.join(' or ')} scope, which ${JSON.stringify(word)} is not`,
    );
  }, MOST_WORDS);
}

const members = dictionary(/^/, (value) => value, 100);

const publicKey: Shape<JWK> = (value, path) => {
  const jwk = members(value, path);
  const { kty, crv } = jwk;
  if (kty !== 'RSA' && (kty !== 'EC' || crv !== 'P-384')) {
    throw new Refusal(`${path} must be a key of RSA (RS384) or P-384 (ES384)`);
  }
  if ('d' in jwk) throw new Refusal(`${path} must be public and holds a private key`);
  return jwk;
};

const jwks = object({ keys: list(publicKey, MOST_WORDS, 1) });

const affiliation = [
  {
    role: oneOf(...ROLES),
    msp: name,
    organization: reference('Organization'),
  },
  { purposes: list(purpose, MOST_WORDS, 1) },
] as const;

const app: Shape<AppEntry> = object(
  {
    kind: literal('app'),
    clientId: name,
    name: title,
    redirectUris: list(anyText, MOST_WORDS, 1),
    scopes: scopes('patient', 'user'),
  },
  { jwks },
);

const backend: Shape<BackendEntry> = object(
  {
    kind: literal('backend'),
    clientId: name,
    name: title,
    ...affiliation[0],
    jwks,
    scopes: scopes('system'),
  },
  { ...affiliation[1], introspects: flag },
);

const client: Shape<ClientEntry> = (value, path) => {
  const { kind } = members(value, path);
  return oneOf('backend', 'app')(kind, `${path}.kind`) === 'app'
    ? app(value, path)
    : backend(value, path);
};

const personMembers: Shape<PersonEntry> = object(
  { login: name, name: title, ...affiliation[0], scopes: scopes('patient', 'user') },
  {
    ...affiliation[1],
    practitioner: reference('Practitioner'),
    patient: reference('Patient'),
  },
);

const person: Shape<PersonEntry> = (value, path) => {
  const entry = personMembers(value, path);
  if ((entry.role === 'patient') === (entry.patient !== undefined)) return entry;
  throw new Refusal(`${path}: role patient and member patient belong together`);
};

const directoryShape: Shape<Directory> = object({
  clients: list(client, MOST_ENTRIES),
  persons: list(person, MOST_ENTRIES),
});

function unique(names: readonly string[], member: string): void {
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Refusal(`${member} ${twice} is used twice`);
}
