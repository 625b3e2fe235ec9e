import type { Decision } from '@chartseal/chaincode';
import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import { everything, isNothing, nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';
import { accessRequest } from './access-request.ts';
import type { Question } from './authority.ts';
import type { ConsentReplica } from './consent-replica.ts';
import { both, either, not } from '../search/combine-filters.ts';
import { holdsNothing } from './held-mark.ts';
import { isExact, residualFilter } from './residual-filter.ts';
import { ANY_OTHER, sayingOf } from './seen-by.ts';
import { sureFilter } from './sure-filter.ts';
import { UNPLACED } from './unplaced.ts';

export interface Narrowing {
  readonly replica: ConsentReplica;
  readonly clock: () => number;
  readonly upkeep: {
    /** Tells whether some resources of the type are not indexed as this server indexes today. */
    outdated(type: string): boolean;
  };
}

interface BoundedQuestion {
  readonly bounds: Bounds;
  readonly question: Question;
  /** Leaves only what is surely permitted; otherwise nothing that may be is taken away: see `inDoubt`. */
  readonly surely?: boolean;
}

/**
 * The part of the data this caller may ask for, as a criterion of the query: totals, sorts and pages are computed
 * without what consent refuses. Only the ledger's decision permits; this can only take away.
 *
 * @rule narrowing
 */
export function narrow(
  by: Narrowing,
  principal: Principal,
  { bounds, question, surely: asked = false }: BoundedQuestion,
): Filter {
  const { replica, upkeep } = by;
  const forecast = forecaster(by, principal, question);
  const surely = asked || upkeep.outdated(question.className);
  const allowed = (decision: Decision): Filter => allowedBy(decision, surely);
  // An index names only the classes of what a resource holds: they may be decided otherwise.
  const whole = surely ? not(holdingMore(replica, bounds, forecast)) : everything;
  const wholly = whole === everything ? [] : [whole];
  if (bounds.patientOnly !== undefined) {
    const own = bounds.patientOnly;
    return {
      op: 'and',
      all: [within([own]), allowed(forecast(own)), ...wholly, ...bounds.queries],
    };
  }
  const { groups, decided } = grouped(replica.patients(), forecast);
  // Each patient of a resource must allow it: those with consents of their own by these, everybody else by the policy.
  const policy = forecast(undefined);
  const others = orAllowed(within(decided), allowed(policy));
  const closed = policy.outcome === 'permit' && forecast(UNPLACED).outcome === 'deny';
  const own = groups.map(({ decision, patients }) =>
    orAllowed({ op: 'patients', mode: 'not-in', patients }, allowed(decision)),
  );
  const open: Filter = closed
    ? { op: 'patients', mode: 'not-in', patients: [UNPLACED] }
    : everything;
  const all = [others, open, ...wholly, ...own].filter((each) => each.op !== 'and');
  return { op: 'and', all: [...all, ...bounds.queries] };
}

/**
 * Selects the part of it that an index cannot tell: each of these resources must be judged by itself before it may be
 * counted or decide what is on which page. Undefined when there is nothing of the kind.
 */
export function inDoubt(
  by: Narrowing,
  principal: Principal,
  { bounds, question }: BoundedQuestion,
): Filter | undefined {
  const { replica, upkeep } = by;
  if (upkeep.outdated(question.className)) return undefined;
  const forecast = forecaster(by, principal, question);
  const patients = [...replica.inexact()].filter((patient) => {
    if (patient !== (bounds.patientOnly ?? patient)) return false;
    const { outcome, residual } = forecast(patient);
    return outcome === 'permit' && !residual.every(isExact);
  });
  const doubt = either([concerning(patients), holdingMore(replica, bounds, forecast)]);
  return isNothing(doubt) ? undefined : doubt;
}

/** Returns what holds other resources and concerns somebody whose consents tell classes apart for this caller. */
function holdingMore(
  replica: ConsentReplica,
  { patientOnly }: Pick<Bounds, 'patientOnly'>,
  forecast: Forecast,
): Filter {
  const patients = [...replica.byClass()].filter((patient) => {
    if (patient !== (patientOnly ?? patient)) return false;
    const decision = forecast(patient);
    if (decision.outcome === 'deny') return false;
    const as = sayingOf(decision);
    return [ANY_OTHER, ...replica.classesOf(patient)].some(
      (className) => sayingOf(forecast(patient, className)) !== as,
    );
  });
  return patients.length === 0 ? nothing : both(not(holdsNothing), concerning(patients));
}

/** Returns what concerns one of these patients. */
function concerning(patients: readonly string[]): Filter {
  return patients.length === 0 ? nothing : not({ op: 'patients', mode: 'not-in', patients });
}

type Forecast = (patient: string | undefined, className?: string) => Decision;

function forecaster(
  { replica, clock }: Narrowing,
  principal: Principal,
  question: Question,
): Forecast {
  const at = new Date(clock()).toISOString();
  return (patient, className = question.className) => {
    const asked = { action: question.action, className };
    return replica.forecast(patient, accessRequest(principal, patient, asked), at);
  };
}

interface DecidedAlike {
  readonly decision: Decision;
  readonly patients: string[];
}

/** Groups patients with consents by what these come to. */
function grouped(
  patients: Iterable<string>,
  forecast: Forecast,
): { readonly groups: readonly DecidedAlike[]; readonly decided: readonly string[] } {
  const groups = new Map<string, DecidedAlike>();
  const decided: string[] = [];
  for (const patient of patients) {
    const decision = forecast(patient);
    const key = sayingOf(decision);
    const group = groups.get(key) ?? { decision, patients: [] };
    groups.set(key, group);
    group.patients.push(patient);
    decided.push(patient);
  }
  return { groups: [...groups.values()], decided };
}

/** Resources that concern no patient at all. */
const UNOWNED: Filter = { op: 'patients', mode: 'in', patients: [] };

function within(patients: readonly string[]): Filter {
  return { op: 'patients', mode: 'in', patients };
}

/** Returns what concerns these patients, or what everybody may see of them. */
function orAllowed(patients: Filter, allowed: Filter): Filter {
  if (allowed === everything) return allowed;
  return allowed === UNOWNED ? patients : { op: 'or', any: [patients, allowed] };
}

function allowedBy(decision: Decision, surely: boolean): Filter {
  if (decision.outcome === 'deny') return UNOWNED;
  const filters = decision.residual.map(surely ? sureFilter : residualFilter);
  const [only] = filters;
  if (only === undefined) return everything;
  return filters.length === 1 ? only : { op: 'and', all: filters };
}
