import type { Bounds } from '../auth/authorize.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { permitsResource } from '../consent/residual.ts';
import { securityContext } from '../fhir/security-context.ts';
import type { StoredVersion } from '../store/resource-store.ts';
import { judgedBy } from './judged-by.ts';
import type { Services } from './services.ts';

type Verdicts = Promise<ReadonlyMap<string, Verdict>> | ReadonlyMap<string, Verdict>;

/**
 * Whether what stands for a Binary where access is decided (`securityContext`, R4 binary.html) lets it out: the context
 * as it is now, decided as of its own type. Other resources have none, and what is said of their patients suffices.
 */
export async function coveredByContext(
  services: Pick<Services, 'store' | 'base'>,
  of: {
    readonly versions: readonly StoredVersion[];
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
    const context = await services.store.current(named.type, named.id);
    // What stood for it is gone, or says itself that something else stands for it: then nobody can tell.
    if (context === undefined || context.deleted || named.type === 'Binary') hidden.add(version);
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

function contextOf(
  version: StoredVersion,
  base: string,
): { readonly type: string; readonly id: string } | undefined {
  if (version.body.length === 0) return undefined;
  return securityContext(JSON.parse(Buffer.from(version.body).toString('utf8')) as object, base);
}
