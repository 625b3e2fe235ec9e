import type { Principal } from '../auth/principal.ts';
import { narrow } from '../consent/narrow.ts';
import { refusal } from '../consent/refusal.ts';
import { seenBy } from '../consent/seen-by.ts';
import type { Filter } from '../search/query.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { asIfThere } from './as-if-there.ts';
import { boundsOf } from './bounds.ts';
import { decideAbout, type AsOf, type DecidedClass, type Decisions } from './decide.ts';
import type { Disclosure, Found } from './disclosure.ts';
import type { Data, Deciding, Disclosing } from './groups.ts';
import { reachable } from './included.ts';
import { versionPath, type Reply } from './reply.ts';
import { askedOf, isSeen, standingOf, type Standing } from './standing.ts';

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

  // As of before anything is counted: what is hidden meanwhile is found out when the answer is fetched.
  const saying = services.shownNotes.isWatched(principal) ? seenBy(services, principal) : undefined;
  const found = await ask.find(narrowed(ask.type), narrowed);
  const versions = [...found.versions, ...(found.included?.versions ?? [])];
  const current = found.current === true;
  const standing = await standingOf(services, principal, { versions, current });
  const decisions = await decideAbout(services, principal, {
    ...{ type: ask.type, versions, named: found.named, standing, asOf },
    wholeOnly: ask.className !== undefined,
  });
  const { decisionOf } = decisions;
  const maySee = (version: StoredVersion): boolean =>
    isSeen(services, standing, { version, bounds: asOf(version.type).bounds, decisionOf });
  const visible = found.versions.filter(maySee);
  const allowed = found.included?.versions.filter(maySee) ?? [];
  const included = reachable(visible, allowed, found.included?.leadsTo ?? new Map());
  const shown = new Set([...visible, ...included]);
  for (const decided of decisions.decided) {
    await record(services, principal, { ask, decided, shown, standing });
  }
  if (visible.length === 0) {
    refuseIfToldWhy(services, principal, { ask, found, decisions });
    if (!decisions.onLedger) await asIfThere(services, principal, { ask, decisions });
  }
  const counted = found.total === undefined ? undefined : saying;
  services.shownNotes.note(principal, shown, { permission: ask.permission, counted });
  return ask.reply(visible, found, included);
}

/** Puts the decisions as of one class on record, with what is shown because of them. */
async function record(
  services: Pick<Data, 'r4' | 'base'> & Deciding,
  principal: Principal,
  of: {
    readonly ask: Disclosure;
    readonly decided: DecidedClass;
    readonly shown: ReadonlySet<StoredVersion>;
    readonly standing: Standing;
  },
): Promise<void> {
  const { ask, decided, shown, standing } = of;
  const { className } = decided;
  /** Returns those whose data of this class it shows. */
  const patientsOf = (version: StoredVersion): readonly string[] => [
    ...new Set(
      askedOf(services, standing, version).own.flatMap((asked) =>
        asked.className === className ? [asked.patient] : [],
      ),
    ),
  ];
  await services.authority.record(principal, decided.verdicts, {
    interaction: ask.interaction,
    question: decided.question,
    resources: [...shown]
      .map((version) => ({ patients: patientsOf(version), path: versionPath(version) }))
      .filter(({ patients }) => patients.length > 0),
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
    readonly decisions: Decisions;
  },
): void {
  const { ask, found, decisions } = of;
  const made = decisions.decided.toReversed().flatMap(({ verdicts }) => [...verdicts]);
  const denied = made.filter(([, { outcome }]) => outcome === 'deny');
  const refused = refusal(organisation, principal, {
    // A permit as of one class does not explain what another one hides.
    verdicts: new Map([...made, ...denied]),
    named: found.named,
    hidden: ask.absentWhenHidden === true ? [] : found.versions,
  });
  if (refused !== undefined) throw refused;
}
