import { allows, type Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { narrow } from '../consent/narrow.ts';
import { refusal } from '../consent/refusal.ts';
import { permitsResource } from '../consent/residual.ts';
import { FhirError } from '../fhir/errors.ts';
import type { Filter } from '../search/query.ts';
import type { PageLinks, StoredVersion } from '../store/version-store.ts';
import { coveredByContext } from './security-context.ts';
import { reachable, type Included } from './included.ts';
import { judgedBy } from './judged-by.ts';
import { versionPath, type Reply } from './reply.ts';
import type { Services } from '../interactions/services.ts';
import { withinScopes } from './within-scopes.ts';

/** An interaction that may let patient data out. */
export interface Disclosure {
  /** FHIR interaction or operation, as the access log names it. */
  readonly interaction: string;
  /** Type that is asked for first; what the request names is decided as of this type. */
  readonly type: string;
  readonly permission: Permission;
  /** What the authority is asked for when it is not the resource type: `AccessLog`. */
  readonly className?: string;
  /** Search string as sent. */
  readonly query?: string;
  /** The caller asked for whatever may be seen: what has been hidden since it was looked for is no reason to refuse all. */
  readonly absentWhenHidden?: true;
  /**
   * Runs against the store; a search adds `narrowed` to its filter, so that nothing refused can be counted or sorted.
   * For what it finds of other types it asks `of`, which throws FhirError `forbidden` where the scopes leave none.
   */
  find(narrowed: Filter, of: (type: string) => Filter): Promise<Found>;
  /** Makes the reply from what may be seen. Called only after every disclosure is on record. */
  reply(
    visible: readonly StoredVersion[],
    found: Found,
    included: readonly StoredVersion[],
  ): Promise<Reply> | Reply;
}

export interface Found {
  readonly versions: readonly StoredVersion[];
  /** As in `SearchPage`: several rows may be of one version. */
  readonly places?: readonly (number | null)[] | undefined;
  /** Patients the request itself names: they are decided, and refusals recorded, even when nothing was found. */
  readonly named: readonly string[];
  /** Found within the scopes and the narrowing of its types; decided and recorded like the rest, by type. */
  readonly included?: Included;
  readonly next?: string | undefined;
  readonly links?: PageLinks;
  readonly total?: number | undefined;
}

/**
 * THE way out for patient data: scopes → store, narrowed by consent → the ledger decides and records → access log
 * → residual filters → reply. Nothing leaves unless the ledger's transaction is VALID and the leaf is durable.
 */
export async function disclose(
  services: Services,
  principal: Principal,
  ask: Disclosure,
): Promise<Reply> {
  const asOf = (type: string) => ({
    bounds: boundsOf(principal, type, ask.permission),
    question: {
      action: 'access' as const,
      className: type === ask.type ? (ask.className ?? type) : type,
    },
  });
  const narrowed = (type: string): Filter => narrow(services, principal, asOf(type));

  const found = await ask.find(narrowed(ask.type), narrowed);
  const along = found.included?.versions ?? [];
  const looked = [...found.versions, ...along];
  const types = new Set([ask.type, ...looked.map(({ type }) => type)]);
  const all = await Promise.all(
    [...types].map((type) =>
      judge(services, principal, {
        ...asOf(type),
        named: type === ask.type ? found.named : [],
        versions: looked.filter((version) => version.type === type),
      }),
    ),
  );

  const isCovered = await coveredByContext(services, {
    versions: looked,
    principal,
    bounds: () => boundsOf(principal, 'Binary', ask.permission),
    decide: (patients, question) => services.authority.decide(principal, patients, question),
  });
  const maySee = (version: StoredVersion) =>
    all.some(({ mayBeSeen }) => mayBeSeen.has(version)) && isCovered(version);
  const visible = found.versions.filter(maySee);
  const allowed = along.filter(maySee);
  const included = reachable(visible, allowed, found.included?.leadsTo ?? new Map());
  const shown = new Set([...visible, ...included]);
  for (const { verdicts, question: asked, mayBeSeen } of all) {
    await services.authority.record(principal, verdicts, {
      interaction: ask.interaction,
      question: asked,
      resources: [...mayBeSeen]
        .filter(([version]) => shown.has(version))
        .map(([version, { patients }]) => ({ patients, path: versionPath(version) })),
      query: ask.query,
    });
  }
  if (visible.length === 0) {
    const refused = refusal(services.organisation, principal, {
      verdicts: new Map(all.toReversed().flatMap(({ verdicts }) => [...verdicts])),
      named: found.named,
      hidden: ask.absentWhenHidden === true ? [] : found.versions,
    });
    if (refused !== undefined) throw refused;
  }
  services.shownNotes.note(principal, shown, ask.permission);
  return ask.reply(visible, found, included);
}

interface Judged {
  readonly question: Question;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Each with what it is judged by. */
  readonly mayBeSeen: ReadonlyMap<StoredVersion, StoredVersion>;
}

/** The ledger's decisions about the patients of versions of one type, and which of these may be seen by them. */
async function judge(
  services: Services,
  principal: Principal,
  about: {
    readonly bounds: Bounds;
    readonly question: Question;
    readonly named: readonly string[];
    readonly versions: readonly StoredVersion[];
  },
): Promise<Judged> {
  const { bounds, question, named } = about;
  const by = await judgedBy(services, about.versions);
  const { within, beyond } = split(patientsOf({ versions: [...by.values()], named }), bounds);
  const verdicts = await services.authority.decide(principal, within, question);
  for (const patient of beyond) verdicts.set(patient, BEYOND_SCOPE);
  const visible = [...by].filter(([, judged]) => mayBeSeen(services, judged, { verdicts, bounds }));
  return { question, verdicts, mayBeSeen: new Map(visible) };
}

/** A caller's wish to change data of these patients: scopes, then what consent and policy say about it. */
export async function mayChange(
  services: Services,
  principal: Principal,
  change: {
    readonly interaction: string;
    readonly type: string;
    readonly permission: Permission;
    readonly patients: readonly string[];
  },
): Promise<void> {
  const bounds = boundsOf(principal, change.type, change.permission);
  // What cannot be anchored soon is not acknowledged.
  await services.pulse.alive();
  const { within, beyond } = split(change.patients, bounds);
  if (bounds.patientOnly !== undefined && change.patients.length === 0) {
    throw insufficientScope(change.type, change.permission);
  }

  const question = {
    action: change.permission === 'c' ? ('collect' as const) : ('correct' as const),
    className: change.type,
  };
  const verdicts = services.authority.forecast(principal, within, question);
  for (const patient of beyond) verdicts.set(patient, BEYOND_SCOPE);
  const denied = new Map([...verdicts].filter(([, verdict]) => verdict.outcome === 'deny'));
  if (denied.size === 0) {
    if (change.patients.length === 0) services.authority.assertMayChangeUnowned(principal);
    return;
  }
  await services.authority.record(principal, denied, {
    interaction: change.interaction,
    question,
    resources: [],
    query: undefined,
  });
  throw (
    refusal(services.organisation, principal, {
      verdicts: denied,
      named: [...denied.keys()],
      hidden: [],
    }) ?? new FhirError('not-found', 'No such resource')
  );
}

const BEYOND_SCOPE: Verdict = { outcome: 'deny', reason: 'scope', basis: [], residual: [] };

/** What the scopes allow. @throws FhirError `forbidden` when they do not allow it at all */
export function boundsOf(principal: Principal, type: string, permission: Permission): Bounds {
  const bounds = allows(principal, type, permission);
  if (!bounds.allowed) throw insufficientScope(type, permission);
  return bounds;
}

function insufficientScope(type: string, permission: Permission): FhirError {
  return new FhirError(
    'forbidden',
    `The access token has no scope that allows this: ${type}.${permission} is needed`,
  );
}

function patientsOf(found: Pick<Found, 'versions' | 'named'>): readonly string[] {
  const patients = new Set(found.named);
  for (const version of found.versions)
    for (const patient of version.patients) patients.add(patient);
  return [...patients].sort();
}

function split(
  patients: readonly string[],
  bounds: Bounds,
): { readonly within: readonly string[]; readonly beyond: readonly string[] } {
  const only = bounds.patientOnly;
  if (only === undefined) return { within: patients, beyond: [] };
  return {
    within: patients.filter((patient) => patient === only),
    beyond: patients.filter((patient) => patient !== only),
  };
}

function mayBeSeen(
  services: Pick<Services, 'r4' | 'base'>,
  version: StoredVersion,
  by: { readonly verdicts: ReadonlyMap<string, Verdict>; readonly bounds: Bounds },
): boolean {
  return (
    version.patients.every((patient) => {
      const verdict = by.verdicts.get(patient);
      return (
        verdict?.outcome === 'permit' && permitsResource(verdict.residual, version, services.base)
      );
    }) && withinScopes(services, by.bounds, version)
  );
}
