import { isConfidentiality } from '@chartseal/chaincode';
import { allows, type Bounds } from '../auth/authorize.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import { isOwnStaff } from '../consent/own-staff.ts';
import { refusal } from '../consent/refusal.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { assertMayKeep } from './closed-binaries.ts';
import { contextOf } from './context-of.ts';
import { boundsOf, insufficientScope, split } from './bounds.ts';
import {
  byClass,
  concernedBy,
  questionOf,
  questionsOf,
  seenIn,
  touchedAs,
  touchedBy,
  type ByClass,
  type Wanted,
} from './change-questions.ts';
import type { Asked, Decided } from './decided.ts';
import type { Data, Deciding } from './groups.ts';
import { keyOf } from './included.ts';
import { mayBeSeen, type Seeing } from './may-be-seen.ts';
import { mayLower } from './may-lower.ts';
import { askedOf, isCovered, isSeen, standingOf } from './standing.ts';
import { withinScopes } from './within-scopes.ts';

type Services = Data & Deciding;
type Verdicts = ReadonlyMap<string, Verdict>;
type Decide = (patients: readonly string[], question: Question) => Promise<Verdicts> | Verdicts;

interface Judging {
  readonly decided: Decided;
  readonly wanted: Wanted;
  readonly bounds: Bounds;
  readonly decide: Decide;
}

/**
 * Asks the ledger about all of these changes at once: whether their patients let the caller change data of the type, and
 * whether they let him see the versions that are there. It costs about one transaction, however many there are.
 *
 * @throws LedgerError when it cannot decide: then nothing may be changed
 * @rule change of patient data
 */
export async function decideChanges(
  services: Services,
  decided: Decided,
  changes: readonly Wanted[],
): Promise<void> {
  const asked: Asked[] = [];
  for (const wanted of changes) {
    const bounds = allows(decided.principal, wanted.type, wanted.permission);
    if (!bounds.allowed || (await foreseenRefusal(services, decided, wanted))) continue;
    for (const { question, patients } of await questionsOf(services, decided.principal, wanted)) {
      const { within } = split(patients, bounds);
      asked.push({ interaction: wanted.interaction, question, patients: within });
    }
  }
  await decided.ask(asked);
}

/**
 * Asserts that a change may be made, by what the ledger has decided. The scopes, the decision about each patient before
 * and after, and what it leaves to be judged of each resource must let the caller change both versions, and see the one
 * that is there.
 *
 * @throws FhirError when it may not be done; to whom nothing may be told, as if what is there were absent
 * @rule change predicate
 */
export async function assertMayChange(
  services: Services,
  decided: Decided,
  wanted: Wanted,
): Promise<void> {
  const bounds = boundsOf(decided.principal, wanted.type, wanted.permission);
  const early = await foreseenRefusal(services, decided, wanted);
  if (early !== undefined) {
    for (const { question, verdicts } of early.seen) {
      decided.note({ interaction: wanted.interaction, question }, verdicts);
    }
    throw early.error;
  }
  const decide: Decide = (patients, question) =>
    decided.decide(patients, question, wanted.interaction);
  await judge(services, { decided, wanted, bounds, decide });
  // No change is acknowledged that cannot be anchored soon; where the ledger has decided, it is there.
  if (concernedBy(wanted).length === 0) await services.pulse.alive();
}

/**
 * Foresees, for whom nothing may be told, a refusal by the replica: so that it costs the ledger nothing, as what is absent
 * does not. It permits nothing.
 */
async function foreseenRefusal(
  services: Services,
  decided: Decided,
  wanted: Wanted,
): Promise<
  | {
      readonly error: FhirError;
      readonly seen: readonly { question: Question; verdicts: Verdicts }[];
    }
  | undefined
> {
  const { principal } = decided;
  if (isOwnStaff(services.organisation, principal)) return undefined;
  const bounds = boundsOf(principal, wanted.type, wanted.permission);
  const seen: { question: Question; verdicts: Verdicts }[] = [];
  const decide: Decide = (patients, question) => {
    const verdicts = services.authority.forecast(principal, patients, question);
    seen.push({ question, verdicts });
    return verdicts;
  };
  try {
    await judge(services, { decided, wanted, bounds, decide });
    return undefined;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { error, seen };
  }
}

async function judge(services: Services, by: Judging): Promise<void> {
  const { decided, wanted, bounds } = by;
  const { type, permission, before, after } = wanted;
  const patients = concernedBy(wanted);
  if (bounds.patientOnly !== undefined && patients.length === 0) {
    throw insufficientScope(type, permission);
  }
  if (patients.length === 0 || isOfNobody(before) || isOfNobody(after)) {
    services.authority.assertMayChangeUnowned(decided.principal);
  }
  const changing = await verdictsFor(
    by,
    await touchedBy(services, wanted),
    questionOf(wanted).action,
  );
  for (const verdicts of changing.values()) {
    const denied = new Map([...verdicts].filter(([, { outcome }]) => outcome === 'deny'));
    if (denied.size > 0)
      throw refuse(services, by, { verdicts: denied, named: [...denied.keys()] });
  }
  if (before !== undefined) await assertSeen(services, by, { before, changing });
  if (after !== undefined) await assertMayLeave(services, by, { after, changing });
}

function isOfNobody(version: StoredVersion | undefined): boolean {
  return version?.patients.length === 0;
}

/** The version that is there must be seen, and be one that the decision about the change lets the caller touch. */
async function assertSeen(
  services: Services,
  by: Judging,
  { before, changing }: { readonly before: StoredVersion; readonly changing: Decisions },
): Promise<void> {
  const { decided, wanted, bounds } = by;
  const { principal } = decided;
  const standing = await standingOf(services, principal, { versions: [before], current: true });
  const [version] = standing.judges.get(before) ?? [before];
  const seeing = await verdictsFor(by, seenIn(services, standing, before), 'access');
  if (!withinScopes(services.r4, bounds, version)) {
    if (!isOwnStaff(services.organisation, principal)) throw noSuch();
    throw insufficientScope(wanted.type, wanted.permission);
  }
  // Whoever may take its labels away, and read it then, is not kept from it by them.
  const lifting = mayLower(services, principal) ? anyLabel : undefined;
  for (const [decisions, decisionOf] of [
    [seeing, decisionIn(seeing)],
    [changing, changeIn(changing, wanted)],
  ] as const) {
    if (mayBeSeen(services, version, { bounds, decisionOf, lifting })) continue;
    throw refuse(services, by, { verdicts: allIn(decisions), hidden: [version] });
  }
  await assertMayKeep(services, principal, before);
  // If nobody sees what stands for a Binary any more, somebody must be able to put another in its place.
  if (lifting !== undefined && wanted.tells !== true) return;
  const decisionOf = decisionIn(seeing);
  if (isSeen(services, standing, { version: before, bounds, decisionOf, lifting })) return;
  throw refuse(services, by, { verdicts: allIn(seeing), hidden: [version] });
}

/** The decision about the change must let the caller leave this behind. */
async function assertMayLeave(
  services: Services,
  by: Judging,
  { after, changing }: { readonly after: StoredVersion; readonly changing: Decisions },
): Promise<void> {
  const { decided, wanted, bounds } = by;
  const { principal } = decided;
  if (!withinScopes(services.r4, bounds, after)) {
    throw insufficientScope(wanted.type, wanted.permission);
  }
  // Raising the confidentiality is for everybody who may change the resource, beyond what he may see himself.
  const lifting = mayLower(services, principal) ? anyLabel : isConfidentiality;
  if (!mayBeSeen(services, after, { bounds, decisionOf: changeIn(changing, wanted), lifting })) {
    throw refuse(services, by, { verdicts: allIn(changing), hidden: [after] });
  }
  // A context that may not be known of is like one that is not here; the custodian's own staff may be told of it.
  if (isOwnStaff(services.organisation, principal) || after.patients.includes(UNPLACED)) return;
  const context = contextOf(after, services.base);
  if (typeof context === 'object' && wanted.besides?.has(keyOf(context)) === true) return;
  const standing = await standingOf(services, principal, { versions: [after], current: true });
  const stands = byClass(askedOf(services, standing, after).context);
  const decisionOf = decisionIn(await verdictsFor(by, stands, 'access'));
  const of = { version: after, bounds, decisionOf };
  if (!isCovered(services, standing.contexts, of)) throw noSuch();
}

const anyLabel = (): boolean => true;

/** Holds what was decided, by class. */
type Decisions = ReadonlyMap<string, Verdicts>;

function decisionIn(decisions: Decisions): Seeing['decisionOf'] {
  return (patient, className) => decisions.get(className)?.get(patient);
}

/** The same of what was decided about a change, as `touchedBy` asks for it. */
function changeIn(decisions: Decisions, { type }: Wanted): Seeing['decisionOf'] {
  return (patient, className) => decisions.get(touchedAs(type, className))?.get(patient);
}

/** Returns the verdicts of all classes, denials before others of the same patient. */
function allIn(decisions: Decisions): Verdicts {
  const all = [...decisions.values()].flatMap((verdicts) => [...verdicts]);
  return new Map([...all, ...all.filter(([, { outcome }]) => outcome === 'deny')]);
}

/** Returns what was decided about those whom the scopes leave; the others are refused without asking. */
async function verdictsFor(
  { decided, wanted, bounds, decide }: Judging,
  asked: ByClass,
  action: Question['action'],
): Promise<Decisions> {
  const made = [...asked].map(async ([className, patients]): Promise<[string, Verdicts]> => {
    const question = { action, className };
    const { within, beyond } = split(patients, bounds);
    if (beyond.length > 0) {
      decided.note({ interaction: wanted.interaction, question }, new Map(beyond));
    }
    return [className, new Map([...(await decide(within, question)), ...beyond])];
  });
  return new Map(await Promise.all(made));
}

function refuse(
  { organisation }: Pick<Deciding, 'organisation'>,
  { decided }: Judging,
  refused: {
    readonly verdicts: Verdicts;
    readonly named?: readonly string[];
    readonly hidden?: readonly StoredVersion[];
  },
): FhirError {
  const { verdicts, named = [], hidden = [] } = refused;
  return refusal(organisation, decided.principal, { verdicts, named, hidden }) ?? noSuch();
}

function noSuch(): FhirError {
  return new FhirError('not-found', 'No such resource');
}
