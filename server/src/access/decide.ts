import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { split } from './bounds.ts';
import type { Found } from './disclosure.ts';
import type { Data, Deciding } from './groups.ts';
import { askedOf, type Standing } from './standing.ts';

/** As what versions of one type are decided. */
export interface AsOf {
  readonly bounds: Bounds;
  readonly question: Question;
}

/** Holds what was decided as of one class, about the patients of what was found. */
export interface DecidedClass {
  readonly className: string;
  readonly question: Question;
  /** By patient. Of what only stands for a Binary there is none: the Binary's own is on record. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export interface Decisions {
  /** As of the class that is asked for first, then of the others. */
  readonly decided: readonly DecidedClass[];
  readonly decisionOf: (patient: string, className: string) => Verdict | undefined;
  /** The ledger was asked. */
  readonly onLedger: boolean;
}

/** Holds whom to ask about, as of one class. */
interface Group {
  readonly question: Question;
  readonly within: Set<string>;
  readonly beyond: Map<string, Verdict>;
  readonly recorded: Set<string>;
}

interface About {
  /** Type that is asked for first: it is decided even when nothing of it was found. */
  readonly type: string;
  readonly versions: readonly StoredVersion[];
  readonly named: Found['named'];
  readonly standing: Standing;
  readonly asOf: (type: string) => AsOf;
  /** Only the type that is asked for is looked at, and not what stands in it. */
  readonly wholeOnly: boolean;
}

/** Asks the ledger, in one go, all that must be decided for these versions to be seen. */
export async function decideAbout(
  services: Pick<Data, 'r4' | 'base'> & Pick<Deciding, 'authority'>,
  principal: Principal,
  about: About,
): Promise<Decisions> {
  const groups = groupsOf(services, about);
  const all = await Promise.all(
    [...groups].map(async ([className, { question, within, beyond, recorded }]) => {
      const made = await services.authority.decide(principal, [...within].sort(), question);
      for (const [patient, verdict] of beyond) {
        if (!made.has(patient)) made.set(patient, verdict);
      }
      const verdicts = new Map([...made].filter(([patient]) => recorded.has(patient)));
      return { className, question, made, verdicts };
    }),
  );
  const made = new Map(all.map((each) => [each.className, each.made]));
  const classOf = (className: string): string => (about.wholeOnly ? about.type : className);
  return {
    decided: all,
    decisionOf: (patient, className) => made.get(classOf(className))?.get(patient),
    onLedger: all.some((each) => [...each.made.values()].some(({ tx }) => tx !== undefined)),
  };
}

function groupsOf(
  services: Pick<Data, 'r4' | 'base'>,
  { type, versions, named, standing, asOf, wholeOnly }: About,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const groupOf = (className: string): Group => {
    const known = groups.get(className);
    if (known !== undefined) return known;
    const question: Question =
      className === type ? asOf(type).question : { action: 'access', className };
    const made = { question, within: new Set<string>(), beyond: new Map<string, Verdict>() };
    const group = { ...made, recorded: new Set<string>() };
    groups.set(className, group);
    return group;
  };
  const ask = (of: Group, patient: string, bounds: Bounds): void => {
    const { within, beyond } = split([patient], bounds);
    for (const each of within) of.within.add(each);
    for (const [each, verdict] of beyond) of.beyond.set(each, verdict);
  };
  const first = groupOf(type);
  for (const patient of named) {
    ask(first, patient, asOf(type).bounds);
    first.recorded.add(patient);
  }
  for (const version of versions) {
    const { bounds } = asOf(version.type);
    groupOf(version.type);
    const { own, context } = askedOf(services, standing, version);
    for (const { className, patient } of own) {
      if (wholeOnly && className !== type) continue;
      const group = groupOf(className);
      ask(group, patient, bounds);
      group.recorded.add(patient);
    }
    for (const { className, patient } of context) ask(groupOf(className), patient, bounds);
  }
  return groups;
}
