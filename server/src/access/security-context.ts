import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { permitsResource } from '../consent/residual.ts';
import { isOwn } from '../consent/own-staff.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import type { RecordWrite } from '../store/record-store.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { contextOf } from './context-of.ts';
import { judgedBy } from './judged-by.ts';
import { versionPath } from './reply.ts';
import type { Services } from '../interactions/services.ts';

type Verdicts = Promise<ReadonlyMap<string, Verdict>> | ReadonlyMap<string, Verdict>;

/**
 * Whether what stands for a Binary where access is decided (`securityContext`, R4 binary.html) lets it out: the context
 * as it is now, decided as of its own type. What was written while that was not here stays closed, whoever brings it later:
 * docs/decisions/0033. Other resources have none, and what is said of their patients suffices.
 */
export async function coveredByContext(
  services: Pick<Services, 'store' | 'base' | 'organisation'>,
  of: {
    readonly versions: readonly StoredVersion[];
    readonly principal: Principal;
    /** Of the scopes for Binary. */
    readonly bounds: () => Bounds;
    /** Asks about each patient. */
    readonly decide: (patients: readonly string[], question: Question) => Verdicts;
  },
): Promise<(version: StoredVersion) => boolean> {
  const contexts = new Map<StoredVersion, StoredVersion>();
  const hidden = new Set<StoredVersion>();
  // A deletion is judged by what it deleted, here too.
  const binaries = of.versions.filter(({ type }) => type === 'Binary');
  const by = await judgedBy(services, binaries);
  for (const version of binaries) {
    const writer = await closedFor(services.store, version);
    if (writer !== undefined) {
      if (!mayKeep(services, of.principal, writer)) hidden.add(version);
      continue;
    }
    const named = contextOf(by.get(version) ?? version, services.base);
    if (named === undefined) continue;
    const context =
      named === 'elsewhere'
        ? undefined
        : await services.store.versions.current(named.type, named.id);
    // What stood for it is gone, or says itself that something else stands for it: then nobody can tell.
    if (context === undefined || context.deleted || context.type === 'Binary') hidden.add(version);
    else contexts.set(version, context);
  }
  for (const type of new Set([...contexts.values()].map((context) => context.type))) {
    const ofType = [...contexts].filter(([, context]) => context.type === type);
    const only = of.bounds().patientOnly;
    const patients = new Set(
      ofType.flatMap(([, context]) => context.patients).filter((id) => (only ?? id) === id),
    );
    const verdicts = await of.decide([...patients].sort(), { action: 'access', className: type });
    for (const [version, context] of ofType) {
      const permitted = context.patients.every((patient) => {
        const verdict = verdicts.get(patient);
        return (
          verdict?.outcome === 'permit' && permitsResource(verdict.residual, context, services.base)
        );
      });
      if (!permitted) hidden.add(version);
    }
  }
  return (version) => !hidden.has(version);
}

/** Of the versions that are closed: who wrote each. */
const WRITERS = 'binary-writer';

/** Closes a Binary that is written while its context is not here: this version is for its writer, whatever comes later. */
export async function writerRecords(
  { store, base }: Pick<Services, 'store' | 'base'>,
  principal: Principal,
  version: StoredVersion,
): Promise<readonly RecordWrite[]> {
  const { type, deleted, patients } = version;
  if (type !== 'Binary' || deleted || !patients.includes(UNPLACED)) return [];
  const named = contextOf(version, base);
  const isThere = named !== undefined && named !== 'elsewhere';
  const context = isThere ? await store.versions.current(named.type, named.id) : undefined;
  // It concerns somebody who cannot be told, as does the context, which is here.
  if (context?.deleted === false && context.patients.includes(UNPLACED)) return [];
  return [{ collection: WRITERS, key: versionPath(version), value: writerOf(principal) }];
}

/** Who wrote a version while its context was not here; of a deletion, what it deleted. Undefined for any other. */
async function closedFor(
  store: Services['store'],
  version: StoredVersion,
): Promise<Uint8Array | undefined> {
  const { type, deleted, patients } = version;
  if (type !== 'Binary' || !patients.includes(UNPLACED)) return undefined;
  const written = { ...version, version: version.version - (deleted ? 1 : 0) };
  return store.records.record(WRITERS, versionPath(written));
}

/** Whether what this writer left is for the caller: the custodian's own systems have to do with it, too. */
function mayKeep(
  { organisation }: Pick<Services, 'organisation'>,
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
  services: Pick<Services, 'store' | 'organisation'>,
  principal: Principal,
  current: StoredVersion | undefined,
): Promise<void> {
  const writer = current && (await closedFor(services.store, current));
  if (writer === undefined || mayKeep(services, principal, writer)) return;
  throw new FhirError(
    'forbidden',
    'Refused: what says who may see this Binary was not here when it was written; only its writer and systems may change it',
  );
}
