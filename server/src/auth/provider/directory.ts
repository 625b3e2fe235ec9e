import { ROLES, type Role } from '@chartseal/chaincode';
import { readFileSync } from 'node:fs';
import type { JSONWebKeySet } from 'jose';

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
  /** Purposes of use it may state, the first when it states none; absent: any, `TREAT` when it states none. */
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

type Members = Readonly<Record<string, unknown>>;

/** @throws TypeError naming the entry and the member that is wrong */
export function parseDirectory(value: unknown): Directory {
  const { clients, persons } = record(value, 'directory', ['clients', 'persons']);
  const directory: Directory = {
    clients: list(clients, 'clients').map(parseClient),
    persons: list(persons, 'persons').map(parsePerson),
  };
  unique(
    directory.clients.map((client) => client.clientId),
    'clientId',
  );
  unique(
    directory.persons.map((person) => person.login),
    'login',
  );
  return directory;
}

const AFFILIATION = ['role', 'msp', 'organization', 'purposes'];

function parseClient(value: unknown, index: number): ClientEntry {
  const where = `clients[${index}]`;
  const common = ['clientId', 'name', 'kind', 'scopes', 'jwks'];
  const kind = isRecord(value) ? value['kind'] : undefined;
  if (kind === 'app') {
    const app = record(value, where, [...common, 'redirectUris']);
    const redirectUris = texts(app, 'redirectUris', where);
    if (redirectUris.length === 0) throw new TypeError(`${where}.redirectUris is empty`);
    return {
      kind,
      clientId: text(app, 'clientId', where, NAME),
      name: text(app, 'name', where),
      redirectUris,
      scopes: scopes(app, where, ['patient', 'user']),
      ...(app['jwks'] === undefined ? {} : { jwks: publicKeys(app['jwks'], where) }),
    };
  }
  if (kind !== 'backend') throw new TypeError(`${where}.kind must be backend or app`);
  const backend = record(value, where, [...common, ...AFFILIATION, 'introspects']);
  const { introspects } = backend;
  if (introspects !== undefined && typeof introspects !== 'boolean') {
    throw new TypeError(`${where}.introspects must be true or false`);
  }
  return {
    kind,
    clientId: text(backend, 'clientId', where, NAME),
    name: text(backend, 'name', where),
    ...affiliation(backend, where),
    jwks: publicKeys(backend['jwks'], where),
    scopes: scopes(backend, where, ['system']),
    ...(introspects === undefined ? {} : { introspects }),
  };
}

function parsePerson(value: unknown, index: number): PersonEntry {
  const where = `persons[${index}]`;
  const person = record(value, where, [
    ...['login', 'name', 'practitioner', 'patient', 'scopes'],
    ...AFFILIATION,
  ]);
  const entry: PersonEntry = {
    login: text(person, 'login', where, NAME),
    name: text(person, 'name', where),
    ...affiliation(person, where),
    scopes: scopes(person, where, ['patient', 'user']),
    ...(person['practitioner'] === undefined
      ? {}
      : { practitioner: text(person, 'practitioner', where, reference('Practitioner')) }),
    ...(person['patient'] === undefined
      ? {}
      : { patient: text(person, 'patient', where, reference('Patient')) }),
  };
  if ((entry.role === 'patient') !== (entry.patient !== undefined)) {
    throw new TypeError(`${where}: role patient and member patient belong together`);
  }
  return entry;
}

function affiliation(members: Members, where: string): Affiliation {
  const role = ROLES.find((each) => each === members['role']);
  if (role === undefined) throw new TypeError(`${where}.role must be one of ${ROLES.join(', ')}`);
  const purposes =
    members['purposes'] === undefined ? undefined : texts(members, 'purposes', where);
  const unknown = purposes?.find((code) => !isPurpose(code));
  if (unknown !== undefined || purposes?.length === 0) {
    throw new TypeError(`${where}.purposes must be purposes of use of v3-ActReason`);
  }
  return {
    role,
    msp: text(members, 'msp', where, NAME),
    organization: text(members, 'organization', where, reference('Organization')),
    ...(purposes === undefined ? {} : { purposes }),
  };
}

function scopes(members: Members, where: string, contexts: readonly string[]): readonly string[] {
  const words = texts(members, 'scopes', where);
  for (const word of words) {
    const context = parseScope(word)?.context;
    if (context === undefined || !contexts.includes(context)) {
      throw new TypeError(
        `${where}.scopes: ${JSON.stringify(word)} is not a ${contexts.join(' or ')} scope`,
      );
    }
  }
  return words;
}

function publicKeys(value: unknown, where: string): JSONWebKeySet {
  const { keys } = record(value, `${where}.jwks`, ['keys']);
  const jwks = list(keys, `${where}.jwks.keys`);
  if (jwks.length === 0) throw new TypeError(`${where}.jwks.keys is empty`);
  for (const jwk of jwks) {
    const usable =
      isRecord(jwk) && (jwk['kty'] === 'RSA' || (jwk['kty'] === 'EC' && jwk['crv'] === 'P-384'));
    if (!usable) throw new TypeError(`${where}.jwks: keys are RSA (RS384) or P-384 (ES384)`);
    if ('d' in jwk) throw new TypeError(`${where}.jwks holds a private key`);
  }
  return { keys: jwks } as JSONWebKeySet;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const reference = (type: string): RegExp => new RegExp(`^${type}/[A-Za-z0-9.-]{1,64}$`);

function text(members: Members, name: string, where: string, form = /^[^\p{Cc}]{1,200}$/u): string {
  const value = members[name];
  if (typeof value !== 'string' || !form.test(value))
    throw new TypeError(`${where}.${name} is missing or wrong`);
  return value;
}

function texts(members: Members, name: string, where: string): readonly string[] {
  const values = list(members[name], `${where}.${name}`);
  if (!values.every((value) => typeof value === 'string'))
    throw new TypeError(`${where}.${name} must be strings`);
  return values;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${where} must be a list`);
  return value;
}

function record(value: unknown, where: string, members: readonly string[]): Members {
  if (!isRecord(value)) throw new TypeError(`${where} must be an object`);
  const stranger = Object.keys(value).find((name) => !members.includes(name));
  if (stranger !== undefined) throw new TypeError(`${where}.${stranger} is unknown`);
  return value;
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unique(names: readonly string[], member: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`${member} ${twice} is used twice`);
}
