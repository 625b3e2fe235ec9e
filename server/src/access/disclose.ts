import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { narrow } from '../consent/narrow.ts';
import { refusal } from '../consent/refusal.ts';
import type { Filter } from '../search/query.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { reachable } from './included.ts';
import { boundsOf, split } from './bounds.ts';
import type { Disclosure, Found } from './disclosure.ts';
import type { Data, Deciding, Disclosing } from './groups.ts';
import { judgedBy } from './judged-by.ts';
import { mayBeSeen } from './may-be-seen.ts';
import { versionPath, type Reply } from './reply.ts';
import { coveredByContext } from './security-context.ts';

/**
 * THE way out for patient data: scopes → store, narrowed by consent → the ledger decides and records → access log
 * → residual filters → reply. Nothing leaves unless the ledger's transaction is VALID and the leaf is durable.
 *
 * @rule disclosure
 */
export async function disclose(
  services: Disclosing,
  principal: Principal,
  ask: Disclosure,
): Promise<Reply> {
  const asOf = (type: string): AsOf => ({
    bounds: boundsOf(principal, type, ask.permission),
    question: { action: 'access', className: type === ask.type ? (ask.className ?? type) : type },
  });
  const narrowed = (type: string): Filter => narrow(services, principal, asOf(type));

  const found = await ask.find(narrowed(ask.type), narrowed);
  const judged = await judgeAll(services, principal, { ask, found, asOf });
  const isCovered = await coveredByContext(services, {
    versions: lookedAt(found),
    principal,
    bounds: () => boundsOf(principal, 'Binary', ask.permission),
    decide: (patients, question) => services.authority.decide(principal, patients, question),
  });
  const maySee = (version: StoredVersion): boolean =>
    judged.some((ofType) => ofType.visible.has(version)) && isCovered(version);
  const visible = found.versions.filter(maySee);
  const allowed = found.included?.versions.filter(maySee) ?? [];
  const included = reachable(visible, allowed, found.included?.leadsTo ?? new Map());
  const shown = new Set([...visible, ...included]);
  for (const ofType of judged) await record(services, principal, { ask, ofType, shown });
  if (visible.length === 0) refuseIfToldWhy(services, principal, { ask, found, judged });
  services.shownNotes.note(principal, shown, ask.permission);
  return ask.reply(visible, found, included);
}

/** As what versions of one type are decided. */
interface AsOf {
  readonly bounds: Bounds;
  readonly question: Question;
}

interface Judged {
  readonly question: Question;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Holds what may be seen, each with what it is judged by. */
  readonly visible: ReadonlyMap<StoredVersion, StoredVersion>;
}

function lookedAt({ versions, included }: Found): readonly StoredVersion[] {
  return [...versions, ...(included?.versions ?? [])];
}

/** Type by type, the one that is asked for first: it is decided even when nothing of it was found. */
function judgeAll(
  services: Data & Deciding,
  principal: Principal,
  of: {
    readonly ask: Disclosure;
    readonly found: Found;
    readonly asOf: (type: string) => AsOf;
  },
): Promise<readonly Judged[]> {
  const { ask, found, asOf } = of;
  const looked = lookedAt(found);
  const types = new Set([ask.type, ...looked.map(({ type }) => type)]);
  return Promise.all(
    [...types].map((type) =>
      judge(services, principal, {
        ...asOf(type),
        named: type === ask.type ? found.named : [],
        versions: looked.filter((version) => version.type === type),
      }),
    ),
  );
}

/** The ledger's decisions about the patients of versions of one type, and which of these may be seen by them. */
async function judge(
  services: Data & Deciding,
  principal: Principal,
  about: AsOf & Pick<Found, 'named' | 'versions'>,
): Promise<Judged> {
  const { bounds, question, named } = about;
  const by = await judgedBy(services, about.versions);
  const { within, beyond } = split(patientsOf({ versions: [...by.values()], named }), bounds);
  const verdicts = await services.authority.decide(principal, within, question);
  for (const [patient, verdict] of beyond) verdicts.set(patient, verdict);
  const decisionOf = (patient: string): Verdict | undefined => verdicts.get(patient);
  const visible = [...by].filter(([, judged]) =>
    mayBeSeen(services, judged, { bounds, decisionOf }),
  );
  return { question, verdicts, visible: new Map(visible) };
}

function patientsOf(found: Pick<Found, 'versions' | 'named'>): readonly string[] {
  const patients = new Set(found.named);
  for (const version of found.versions)
    for (const patient of version.patients) patients.add(patient);
  return [...patients].sort();
}

/** Puts the decisions of one type on record, with what is shown because of them. */
async function record(
  { authority }: Deciding,
  principal: Principal,
  of: {
    readonly ask: Disclosure;
    readonly ofType: Judged;
    readonly shown: ReadonlySet<StoredVersion>;
  },
): Promise<void> {
  const { ask, ofType, shown } = of;
  await authority.record(principal, ofType.verdicts, {
    interaction: ask.interaction,
    question: ofType.question,
    resources: [...ofType.visible]
      .filter(([version]) => shown.has(version))
      .map(([version, { patients }]) => ({ patients, path: versionPath(version) })),
    query: ask.query,
  });
}

/** @throws FhirError for whoever may learn that something was refused; to others nothing is there */
function refuseIfToldWhy(
  { organisation }: Deciding,
  principal: Principal,
  of: {
    readonly ask: Disclosure;
    readonly found: Found;
    readonly judged: readonly Judged[];
  },
): void {
  const { ask, found, judged } = of;
  const refused = refusal(organisation, principal, {
    verdicts: new Map(judged.toReversed().flatMap(({ verdicts }) => [...verdicts])),
    named: found.named,
    hidden: ask.absentWhenHidden === true ? [] : found.versions,
  });
  if (refused !== undefined) throw refused;
}
