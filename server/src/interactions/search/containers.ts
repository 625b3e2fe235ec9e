import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Services } from '../services.ts';

type Known = Pick<Services, 'r4'>;

/** Types that may contain others, as far as the scopes let this caller search them. */
export function mayContain(services: Known, principal: Principal): readonly string[] {
  return containing(services).filter((type) => allows(principal, type, 's').allowed);
}

/** Returns what a search for contained resources says when the scopes leave types out. */
export function onlyWithin(services: Known, principal: Principal): readonly string[] {
  const types = mayContain(services, principal);
  if (types.length === containing(services).length) return [];
  return [
    `The access token allows no search of what other types contain than ${types.join(', ') || 'none'}`,
  ];
}

function containing({ r4 }: Known): readonly string[] {
  const { types } = r4.registry.definitions;
  return r4.resourceTypes.filter((type) => types.get(type)?.base === 'DomainResource');
}
