import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { permitsResource } from '../consent/residual.ts';
import { isOwn } from '../consent/own-staff.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import type { RecordWrite, StoredVersion } from '../store/resource-store.ts';
import { contextOf } from './context-of.ts';
import { judgedBy } from './judged-by.ts';
import { versionPath } from './reply.ts';
import type { Services } from './services.ts';

type Verdicts = Promise<ReadonlyMap<string, Verdict>> | ReadonlyMap<string, Verdict>;

/**
 * Whether what stands for a Binary where access is decided (`securityContext`, R4 binary.html) lets it out: the context
 * as it is now, decided as of its own type. Other resources have none, and what is said of their patients suffices.
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
    const named = contextOf(by.get(version) ?? version, services.base);
    if (named === undefined) continue;
    const context =
      named === 'elsewhere' ? undefined : await services.store.current(named.type, named.id);
    if (context === undefined) {
      if (!(await mayKeep(services, of.principal, version))) hidden.add(version);
      continue;
    }
    // What stood for it is gone, or says itself that something else stands for it: then nobody can tell.
    if (context.deleted || context.type === 'Binary') hidden.add(version);
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

const WRITERS = 'binary-writer';

/** Says who wrote a Binary whose context is not here: until that is, it is for its writer. */
export function writerRecords(
  principal: Principal,
  version: StoredVersion,
): readonly RecordWrite[] {
  const { type, deleted, patients } = version;
  if (type !== 'Binary' || deleted || !patients.includes(UNPLACED)) return [];
  return [{ collection: WRITERS, key: versionPath(version), value: writerOf(principal) }];
}

/**
 * Whether a version whose security context is not here is for this caller: the custodian's own systems have to do with it,
 * and who wrote it. Where that is not known, the systems alone.
 */
async function mayKeep(
  { store, organisation }: Pick<Services, 'store' | 'organisation'>,
  principal: Principal,
  version: StoredVersion,
): Promise<boolean> {
  if (principal.role === 'system' && isOwn(organisation, principal)) return true;
  const written = { ...version, version: version.version - (version.deleted ? 1 : 0) };
  const writer = await store.record(WRITERS, versionPath(written));
  return writer !== undefined && Buffer.compare(writer, writerOf(principal)) === 0;
}

function writerOf({ msp, subject }: Principal): Uint8Array {
  return Buffer.from(JSON.stringify([msp, subject]), 'utf8');
}

/** @throws FhirError `forbidden` for a Binary whose security context is not here, and which is not for this caller */
export async function assertMayKeep(
  services: Pick<Services, 'store' | 'base' | 'organisation'>,
  principal: Principal,
  current: StoredVersion | undefined,
): Promise<void> {
  if (current?.type !== 'Binary' || !current.patients.includes(UNPLACED)) return;
  const judged = (await judgedBy(services, [current])).get(current) ?? current;
  const named = contextOf(judged, services.base);
  if (named === undefined) return;
  if (named !== 'elsewhere' && (await services.store.current(named.type, named.id))) return;
  if (await mayKeep(services, principal, current)) return;
  throw new FhirError(
    'forbidden',
    'Refused: what says who may see this Binary is not here; until it is, only its writer and systems may change it',
  );
}
