import type { Decision } from '@chartseal/chaincode';
import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Filter } from '../search/query.ts';
import { accessRequest } from './access-request.ts';
import type { Question } from './authority.ts';
import type { ConsentReplica } from './consent-replica.ts';
import { residualFilter } from './residual-filter.ts';
import { sureFilter } from './sure-filter.ts';

interface Narrowing {
  readonly replica: ConsentReplica;
  readonly clock: () => number;
}

interface Asked {
  readonly bounds: Bounds;
  readonly question: Question;
  /** Leaves only what is surely permitted; otherwise nothing that may be is taken away. */
  readonly surely?: boolean;
}

/**
 * The part of the data this caller may ask for, as a criterion of the query: totals, sorts and pages are computed
 * without what consent refuses. Only the ledger's decision permits; this can only take away.
 */
export function narrow(
  { replica, clock }: Narrowing,
  principal: Principal,
  { bounds, question, surely = false }: Asked,
): Filter {
  const at = new Date(clock()).toISOString();
  const forecast = (patient: string | undefined): Decision =>
    replica.forecast(patient, accessRequest(principal, patient, question), at);

  const allowed = (decision: Decision): Filter => allowedBy(decision, surely);
  const scopes = bounds.queries.map((query) => query.filter);
  if (bounds.patientOnly !== undefined) {
    const own = bounds.patientOnly;
    return { op: 'and', all: [within([own]), allowed(forecast(own)), ...scopes] };
  }

  // Patients with consents of their own are decided one by one, everybody else by the policy alone.
  const special = new Map<string, { readonly decision: Decision; readonly patients: string[] }>();
  const decided: string[] = [];
  for (const patient of replica.patients()) {
    const decision = forecast(patient);
    const key = JSON.stringify([decision.outcome, decision.residual]);
    const alike = special.get(key);
    if (alike === undefined) special.set(key, { decision, patients: [patient] });
    else alike.patients.push(patient);
    decided.push(patient);
  }
  const consented: Filter = {
    op: 'or',
    any: [
      {
        op: 'and',
        all: [{ op: 'patients', mode: 'not-in', patients: decided }, allowed(forecast(undefined))],
      },
      ...[...special.values()]
        .filter(({ decision }) => decision.outcome === 'permit')
        .map(({ decision, patients }): Filter => ({
          op: 'and',
          all: [within(patients), allowed(decision)],
        })),
      UNOWNED,
    ],
  };
  return { op: 'and', all: [consented, ...scopes] };
}

/** Resources that concern no patient at all. */
const UNOWNED: Filter = { op: 'patients', mode: 'in', patients: [] };

function within(patients: readonly string[]): Filter {
  return { op: 'patients', mode: 'in', patients };
}

function allowedBy(decision: Decision, surely: boolean): Filter {
  if (decision.outcome === 'deny') return UNOWNED;
  const filters = decision.residual.map(surely ? sureFilter : residualFilter);
  return filters.length === 1 && filters[0] !== undefined
    ? filters[0]
    : { op: 'and', all: filters };
}
