import type { Principal } from '../../auth/principal.ts';
import { changes } from '../history/changes.ts';
import {
  createUnlessExists,
  patchMatch,
  removeMatch,
  updateMatch,
} from '../conditional/conditional.ts';
import { create } from '../change/create.ts';
import { remove } from '../change/delete.ts';
import { historyParameters } from '../history/history-parameters.ts';
import { history } from '../history/history.ts';
import { patch } from '../change/patch.ts';
import { read, vread } from '../read.ts';
import type { Reply } from '../../access/reply.ts';
import { searchTypes } from '../search/search-types.ts';
import { search } from '../search/search.ts';
import type { Services } from '../services.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Paging } from '../history/paging.ts';
import { update } from '../change/update.ts';
import type { Entry } from './entry.ts';
import { patchIn } from './patch-entry.ts';

/** Does what one entry asks for, exactly as if it had come alone. */
export function dispatch(services: Services, principal: Principal, entry: Entry): Promise<Reply> {
  if (entry.operation !== undefined) return entry.operation.run(principal);
  const { type, id, query: criteria } = entry.target;
  const { preconditions } = entry;
  const body = (): Uint8Array => Buffer.from(entry.resource, 'utf8');
  switch (entry.method) {
    case 'GET':
    case 'HEAD':
      return get(services, principal, entry);
    case 'POST':
      return entry.ifNoneExist === undefined
        ? create(services, principal, { type, body: body() })
        : createUnlessExists(services, principal, {
            type,
            criteria: entry.ifNoneExist,
            body: body(),
          });
    case 'PUT': {
      const asked = { type, body: body(), preconditions };
      return id === undefined
        ? updateMatch(services, principal, { ...asked, criteria })
        : update(services, principal, { ...asked, id });
    }
    case 'PATCH': {
      const asked = { type, ...patchIn(entry.resource), preconditions, returning: false };
      return id === undefined
        ? patchMatch(services, principal, { ...asked, criteria })
        : patch(services, principal, { ...asked, id });
    }
    case 'DELETE':
      return id === undefined
        ? removeMatch(services, principal, { type, criteria, preconditions })
        : remove(services, principal, { type, id, preconditions });
  }
}

async function get(
  services: Disclosing & Paging,
  principal: Principal,
  entry: Entry,
): Promise<Reply> {
  const { condition, target } = entry;
  const { type, id, version } = target;
  const parameters = [...new URLSearchParams(target.query)];
  if (id === undefined && target.history) {
    return changes(services, principal, {
      type: type === '' ? undefined : type,
      ...historyParameters(parameters),
    });
  }
  if (id === undefined) {
    const { within } = target;
    const asked = { parameters, handling: 'strict' as const, ...(within && { within }) };
    return type === ''
      ? searchTypes(services, principal, asked)
      : search(services, principal, { ...asked, type });
  }
  if (target.history && version === undefined) {
    return history(services, principal, { type, id, ...historyParameters(parameters) });
  }
  const asked = { type, id, condition, shape: services.r4.parseReadShape(type, parameters) };
  return version === undefined
    ? read(services, principal, asked)
    : vread(services, principal, { ...asked, version });
}
