import type { RecordWrite } from '../store/record-store.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Principal } from '../auth/principal.ts';
import { isOwn } from '../consent/own-staff.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import { contextOf } from './context-of.ts';
import type { Data, Deciding } from './groups.ts';
import { versionPath } from './reply.ts';

/** Names the records that tell who wrote each of the versions that are closed. */
const WRITERS = 'binary-writer';

/** Closes a Binary that is written while its context is not here: this version is for its writer, whatever comes later. */
export async function writerRecords(
  { store, base }: Pick<Data, 'store' | 'base'>,
  principal: Principal,
  version: StoredVersion,
): Promise<readonly RecordWrite[]> {
  const { type, deleted, patients } = version;
  if (type !== 'Binary' || deleted || !patients.includes(UNPLACED)) return [];
  const named = contextOf(version, base);
  // Nothing says whose it is: it is for the custodian's staff, as all such data are.
  if (named === undefined) return [];
  const isThere = named !== 'elsewhere';
  const context = isThere ? await store.versions.current(named.type, named.id) : undefined;
  // It concerns somebody who cannot be told, as does the context, which is here.
  if (context?.deleted === false && context.patients.includes(UNPLACED)) return [];
  return [{ collection: WRITERS, key: versionPath(version), value: writerOf(principal) }];
}

/** Returns who wrote a version while its context was not here, or what a deletion deleted; undefined for any other. */
export async function closedFor(
  store: Data['store'],
  version: StoredVersion,
): Promise<Uint8Array | undefined> {
  const { type, deleted, patients } = version;
  if (type !== 'Binary' || !patients.includes(UNPLACED)) return undefined;
  const written = { ...version, version: version.version - (deleted ? 1 : 0) };
  return store.records.record(WRITERS, versionPath(written));
}

/** Tells whether what this writer left is for the caller: the custodian's own systems have to do with it, too. */
export function mayKeep(
  { organisation }: Pick<Deciding, 'organisation'>,
  principal: Principal,
  writer: Uint8Array,
): boolean {
  if (principal.role === 'system' && isOwn(organisation, principal)) return true;
  return Buffer.compare(writer, writerOf(principal)) === 0;
}

function writerOf({ msp, subject }: Principal): Uint8Array {
  return Buffer.from(JSON.stringify([msp, subject]), 'utf8');
}

/** @throws FhirError `forbidden` for a Binary that was written while its context was not here, and not by this caller */
export async function assertMayKeep(
  services: Pick<Data, 'store'> & Pick<Deciding, 'organisation'>,
  principal: Principal,
  current: StoredVersion,
): Promise<void> {
  const writer = await closedFor(services.store, current);
  if (writer === undefined || mayKeep(services, principal, writer)) return;
  throw new FhirError(
    'forbidden',
    'Refused: what says who may see this Binary was not here when it was written; only its writer and systems may change it',
  );
}
