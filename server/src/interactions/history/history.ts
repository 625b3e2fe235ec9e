import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { historyBundle } from '../../fhir/bundle.ts';
import { FhirError } from '../../fhir/errors.ts';
import { asHistory } from './as-history.ts';
import type { HistoryParameters } from './history-parameters.ts';
import { disclose } from '../../access/disclose.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import type { Reply } from '../../access/reply.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Paging } from './paging.ts';
import { countSeen, seenVersions } from './seen-versions.ts';

/**
 * FHIR instance history: http://hl7.org/fhir/R4/http.html#history, newest first.
 *
 * @rule history-instance
 */
export async function history(
  services: Disclosing & Paging,
  principal: Principal,
  asked: HistoryParameters & { readonly type: string; readonly id: string },
): Promise<Reply> {
  const { type, id, count, since, at, cursor } = asked;
  const boundTo = JSON.stringify([callerOf(principal), type, id, since ?? null, at ?? null]);
  const before = await openCursor(services, boundTo, cursor);
  // It is there, and nothing of it lies in the time asked for.
  let isEmpty = false;
  return disclose(services, principal, {
    interaction: 'history-instance',
    type,
    permission: 'r',
    find: async () => {
      const current = await services.store.versions.current(type, id);
      if (current === undefined) return { versions: [], named: [] };
      const versions = await seenVersions(services, principal, { ...asked, before, current });
      const page = versions.slice(0, count);
      const last = page.at(-1);
      if (last === undefined) {
        isEmpty = true;
        return { versions: [current], named: [], current: true };
      }
      const more = versions.length > count;
      return {
        versions: page,
        named: [],
        next: more ? await services.links.seal(boundTo, last.version) : undefined,
        total:
          before === undefined && !more
            ? page.length
            : await countSeen(services, principal, { ...asked, current }),
      };
    },
    reply: async (visible, found) => {
      if (visible.length === 0) throw noSuchResource(type, id);
      // A version hidden from this caller must not show in the count.
      const hidden = visible.length < found.versions.length;
      return {
        status: 200,
        body: historyBundle({
          base: services.base,
          versions: isEmpty ? [] : await asHistory(services.store.versions, visible),
          total: isEmpty ? 0 : hidden ? undefined : found.total,
          ...historyLinks(`${services.base}/${type}/${id}/_history`, asked, found.next),
        }),
      };
    },
  });
}

/** The URLs of this page and the next. */
export function historyLinks(
  url: string,
  { count, used, cursor }: HistoryParameters,
  next: string | undefined,
): { readonly self: string; readonly next: string | undefined } {
  const link = (at: string | undefined): string => {
    const pairs = [
      ...used,
      ['_count', String(count)],
      ...(at === undefined ? [] : [['_cursor', at]]),
    ];
    const query = pairs.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`);
    return `${url}?${query.join('&')}`;
  };
  return { self: link(cursor), next: next === undefined ? undefined : link(next) };
}

async function openCursor(
  services: Paging,
  boundTo: string,
  cursor: string | undefined,
): Promise<number | undefined> {
  if (cursor === undefined) return undefined;
  const before = await services.links.open(boundTo, cursor);
  if (typeof before !== 'number') throw foreignLink();
  return before;
}

export function foreignLink(): FhirError {
  return new FhirError('invalid', 'This page link is not one of ours, or is no longer usable', {
    expression: 'http._cursor',
  });
}
