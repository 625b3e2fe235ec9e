import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { historyBundle } from '../../fhir/bundle.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { asHistory } from './as-history.ts';
import type { HistoryParameters } from './history-parameters.ts';
import { disclose } from '../../access/disclose.ts';
import { noSuchResource } from '../read.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../services.ts';

/**
 * FHIR instance history: http://hl7.org/fhir/R4/http.html#history, newest first.
 *
 * @rule history-instance
 */
export async function history(
  services: Services,
  principal: Principal,
  asked: HistoryParameters & { readonly type: string; readonly id: string },
): Promise<Reply> {
  const { type, id, count, since, at, cursor } = asked;
  const boundTo = JSON.stringify([callerOf(principal), type, id, since ?? null, at ?? null]);
  const before = await openCursor(services, boundTo, cursor);
  return disclose(services, principal, {
    interaction: 'history-instance',
    type,
    permission: 'r',
    find: async () => {
      const versions = await select(services, { ...asked, before });
      const page = versions.slice(0, count);
      const last = page.at(-1);
      const all = since === undefined && at === undefined;
      return {
        versions: page,
        named: [],
        next:
          versions.length > count && last !== undefined
            ? await services.links.seal(boundTo, last.version)
            : undefined,
        total: all
          ? await services.store.historyCount(type, id)
          : before === undefined && versions.length <= count
            ? page.length
            : undefined,
      };
    },
    reply: async (visible, found) => {
      if (visible.length === 0 && before === undefined) await assertKnown(services, asked, found);
      // A version hidden from this caller must not show in the count.
      const hidden = visible.length < found.versions.length;
      return {
        status: 200,
        body: historyBundle({
          base: services.base,
          versions: await asHistory(services.store, visible),
          total: hidden ? undefined : found.total,
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
  services: Services,
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

/** A window of time may leave nothing of a resource that there is: then the answer is an empty history. */
async function assertKnown(
  { store }: Services,
  { type, id, since, at }: HistoryParameters & { readonly type: string; readonly id: string },
  { versions }: { readonly versions: readonly StoredVersion[] },
): Promise<void> {
  const windowed = since !== undefined || at !== undefined;
  if (!windowed || versions.length > 0 || (await store.current(type, id)) === undefined) {
    throw noSuchResource(type, id);
  }
}

/** Up to one more than a page of the versions below `before` that lie in the time asked for, newest first. */
async function select(
  { store }: Services,
  asked: HistoryParameters & {
    readonly type: string;
    readonly id: string;
    readonly before: number | undefined;
  },
): Promise<readonly StoredVersion[]> {
  const { type, id, since = -Infinity, at = { from: -Infinity, to: Infinity }, count } = asked;
  const found: StoredVersion[] = [];
  let { before } = asked;
  // A version is current until the next one is written.
  let until =
    before === undefined
      ? Infinity
      : ((await store.version(type, id, before))?.lastUpdated ?? Infinity);
  for (;;) {
    const page = await store.history(type, id, {
      count: count + 1,
      ...(before === undefined ? {} : { before }),
    });
    for (const version of page) {
      const { lastUpdated } = version;
      if (lastUpdated < since || until <= at.from) return found;
      if (lastUpdated < at.to) found.push(version);
      if (found.length > count) return found;
      until = lastUpdated;
      before = version.version;
    }
    if (page.length <= count) return found;
  }
}
