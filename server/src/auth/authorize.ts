import { either } from '../search/combine-filters.ts';
import { nothing, type Filter } from '../search/query.ts';
import type { Principal } from './principal.ts';
import { ofPatient, parseScopeQuery } from './scope-query.ts';
import type { Permission, Scope } from './scopes.ts';

/** Says what the token's scopes allow of one interaction on one resource type. */
export interface Bounds {
  readonly allowed: true;
  /** Id of the only patient whose data may be touched (`demo-a`); data that concerns no patient is not limited by it. */
  readonly patientOnly: string | undefined;
  /** Each of them must hold for every resource that is read or written; empty when scopes leave all of them. */
  readonly queries: readonly Filter[];
}

/**
 * May a token with these scopes do this at all? Scopes add up: each that covers type and permission allows what it
 * says, `patient/…` only for the token's patient. A patient's own token never reaches beyond that patient, whatever
 * its scopes say.
 */
export function allows(
  principal: Principal,
  type: string,
  permission: Permission,
): Bounds | { readonly allowed: false } {
  const own = principal.patient?.replace(/^Patient\//, '');
  const grants = principal.scopes.flatMap((scope) => {
    if (!concerns(scope, type, permission)) return [];
    const bound = scope.context === 'patient' || principal.role === 'patient';
    if (bound && own === undefined) return [];
    return [{ patient: bound ? own : undefined, query: scope.query }];
  });
  const first = grants[0];
  if (first === undefined) return { allowed: false };

  // Something without any limit makes the rest irrelevant.
  if (grants.some(({ patient, query }) => patient === undefined && query === '')) {
    return { allowed: true, patientOnly: undefined, queries: [] };
  }
  if (grants.every(({ patient }) => patient !== undefined)) {
    const free = grants.some(({ query }) => query === '');
    const queries = free ? [] : [either(grants.map(({ query }) => parseScopeQuery(query)))];
    return { allowed: true, patientOnly: first.patient, queries };
  }
  const alternatives = grants.map(({ patient, query }) => {
    const parsed = query === '' ? undefined : parseScopeQuery(query);
    if (patient !== undefined) return ofPatient(patient, parsed);
    return parsed ?? nothing;
  });
  return { allowed: true, patientOnly: undefined, queries: [either(alternatives)] };
}

function concerns(scope: Scope, type: string, permission: Permission): boolean {
  return (scope.type === '*' || scope.type === type) && scope.permissions.has(permission);
}
