import type { Principal } from '../auth/principal.ts';
import type { Permission } from '../auth/scopes.ts';
import type { Question } from '../consent/authority.ts';
import { versionParts } from '../consent/version-parts.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Asked } from './decided.ts';
import type { Data, Deciding } from './groups.ts';
import { judgedBy } from './judged-by.ts';
import { askedOf, standingOf, type AskedPart, type Standing } from './standing.ts';

type Services = Data & Pick<Deciding, 'organisation'>;

/** A change, as far as it is decided about. */
export interface Wanted {
  /** As the access log names it. */
  readonly interaction: string;
  readonly type: string;
  readonly permission: Permission;
  /** The version that is replaced, deletions included. */
  readonly before: StoredVersion | undefined;
  /** Its content, and whom it concerns from now on; undefined for a deletion. */
  readonly after: StoredVersion | undefined;
  /** Holds what is written in the same step, by `Type/id`. */
  readonly besides?: ReadonlyMap<string, unknown> | undefined;
  /** The answer tells of the content of the version before: a patch asks about it. */
  readonly tells?: true;
}

/** Patients before and after: a change must be allowed for all of them. */
export function concernedBy({
  before,
  after,
}: Pick<Wanted, 'before' | 'after'>): readonly string[] {
  return [...new Set([...(before?.patients ?? []), ...(after?.patients ?? [])])].sort();
}

/** The question that the change itself is: an update of what never was collects, as a create does. */
export function questionOf({
  type,
  permission,
  before,
}: Pick<Wanted, 'type' | 'permission' | 'before'>): Question {
  const collects = permission === 'c' || (permission === 'u' && before === undefined);
  return { action: collects ? 'collect' : 'correct', className: type };
}

/** Holds, by class, the patients whose data of it a change touches or lets its caller see. */
export type ByClass = ReadonlyMap<string, readonly string[]>;

/** Returns all that the ledger is to be asked about a change, by class. */
export async function questionsOf(
  services: Services,
  principal: Principal,
  wanted: Wanted,
): Promise<readonly Pick<Asked, 'question' | 'patients'>[]> {
  const { before } = wanted;
  const changing = [...(await touchedBy(services, wanted))].map(([className, patients]) => ({
    question: { ...questionOf(wanted), className },
    patients,
  }));
  if (before === undefined) return changing;
  const standing = await standingOf(services, principal, { versions: [before], current: true });
  const seeing = [...seenIn(services, standing, before)].map(([className, patients]) => ({
    question: toSee(className),
    patients,
  }));
  return [...changing, ...seeing];
}

/**
 * Returns what a change is of: its own class first, then those of what the versions hold; of a deletion, what it deleted.
 * A Consent that another resource holds governs nothing: holding it is no change of Consents.
 */
export async function touchedBy(services: Services, wanted: Wanted): Promise<ByClass> {
  const { r4, base } = services;
  const { type, before, after } = wanted;
  const was = before && (await judgedBy(services, [before])).get(before);
  const own = concernedBy(wanted).map((patient) => ({ className: type, patient }));
  const held = [was, after].flatMap((version) =>
    version === undefined
      ? []
      : versionParts(r4.registry, version, base).flatMap(({ className }) =>
          version.patients.map((patient) => ({ className: touchedAs(type, className), patient })),
        ),
  );
  return byClass([...own, ...held]);
}

/** The class as of which what a resource of this type holds is changed with it. */
export function touchedAs(type: string, className: string): string {
  return className === 'Consent' ? type : className;
}

/** Returns what seeing a version is of: it, what it holds, and what stands for it. */
export function seenIn(services: Services, standing: Standing, version: StoredVersion): ByClass {
  const { own, context } = askedOf(services, standing, version);
  return byClass([...own, ...context]);
}

/** Puts the patients of one class together, sorted. */
export function byClass(asked: readonly AskedPart[]): ByClass {
  const classes = new Map<string, Set<string>>();
  for (const { className, patient } of asked) {
    const patients = classes.get(className) ?? new Set();
    classes.set(className, patients.add(patient));
  }
  return new Map([...classes].map(([className, patients]) => [className, [...patients].sort()]));
}

function toSee(className: string): Question {
  return { action: 'access', className };
}
