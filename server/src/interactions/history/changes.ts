import { allows } from '../../auth/authorize.ts';
import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { patientsPart } from '../../consent/patients-part.ts';
import { historyBundle } from '../../fhir/bundle.ts';
import { FhirError } from '../../fhir/errors.ts';
import { distinct, either } from '../../search/combine-filters.ts';
import type { ChangePage, ChangeQuery, StoredVersion } from '../../store/version-store.ts';
import { asHistory } from './as-history.ts';
import { foreseeWithContexts } from '../../access/foresee.ts';
import type { HistoryParameters } from './history-parameters.ts';
import { foreignLink, historyLinks } from './history.ts';
import { disclose } from '../../access/disclose.ts';
import type { Reply } from '../../access/reply.ts';
import type { Data, Disclosing } from '../../access/groups.ts';

/** Says how many versions are looked at for one page before it ends early. */
const MOST_LOOKED_AT = 20_000;

/**
 * FHIR history of a type or of the whole server, in the order of the commits, newest first:
 * http://hl7.org/fhir/R4/http.html#history. Pages are filled with what the caller may see. There is no total, which
 * would count what it may not.
 *
 * @rule history-type, history-system
 */
export function changes(
  services: Disclosing,
  principal: Principal,
  asked: HistoryParameters & {
    /** Undefined: every type that the scopes allow. */
    readonly type: string | undefined;
  },
): Promise<Reply> {
  const { type, since, at, cursor } = asked;
  const permitted = permittedTypes(services, principal, type);
  const first = permitted[0];
  if (first === undefined) {
    throw new FhirError('forbidden', 'The access token has no scope that allows a history');
  }
  return disclose(services, principal, {
    interaction: type === undefined ? 'history-system' : 'history-type',
    type: first,
    permission: 's',
    query: new URLSearchParams(
      asked.used.map(([name, value]): [string, string] => [name, value]),
    ).toString(),
    find: async (_narrowed, of) => {
      const written = await services.store.versions.types();
      const types = permitted.filter((each) => written.has(each));
      const query = {
        types,
        ...(since === undefined ? {} : { since }),
        ...(at === undefined ? {} : { at }),
        narrowed: either(distinct(types.map((each) => patientsPart(of(each))))),
        boundTo: JSON.stringify([callerOf(principal), type ?? null, since ?? null, at ?? null]),
      };
      const page = await fill(services, query, {
        count: asked.count,
        cursor,
        visible: (versions) =>
          foreseeWithContexts(services, principal, { permission: 's', versions }),
      });
      return { ...page, named: [] };
    },
    reply: async (visible, found) => ({
      status: 200,
      body: historyBundle({
        base: services.base,
        versions: await asHistory(services.store.versions, visible),
        total: undefined,
        ...historyLinks(
          `${services.base}/${type === undefined ? '' : `${type}/`}_history`,
          asked,
          found.next,
        ),
      }),
    }),
  });
}

function permittedTypes(
  { r4 }: Pick<Data, 'r4'>,
  principal: Principal,
  type: string | undefined,
): readonly string[] {
  if (type !== undefined) return [type];
  return r4.resourceTypes.filter((each) => allows(principal, each, 's').allowed);
}

/**
 * A page of versions that will be seen: what lies between them is passed over. It has a next one only if something to be
 * seen lies behind it, as far as was looked.
 */
async function fill(
  services: Pick<Data, 'store'>,
  query: Omit<ChangeQuery, 'count' | 'page'>,
  asked: {
    readonly count: number;
    readonly cursor: string | undefined;
    /** Tells, of versions, which will be seen. */
    readonly visible: (
      versions: readonly StoredVersion[],
    ) => Promise<(version: StoredVersion) => boolean>;
  },
): Promise<{ readonly versions: readonly StoredVersion[]; readonly next: string | undefined }> {
  const versions: StoredVersion[] = [];
  let from = asked.cursor;
  let behind: string | undefined;
  for (let looked = 0, unseen = 0; ;) {
    const ask = (count: number): Promise<ChangePage> =>
      read(services, { ...query, count, ...(from === undefined ? {} : { page: from }) });
    const missing = asked.count - versions.length;
    // After a page with nothing to see, longer steps lead past what is hidden.
    const page = await ask(Math.max(missing, unseen > 0 ? 200 : 1));
    looked += page.versions.length;
    const isVisible = await asked.visible(page.versions);
    const seen = page.versions.filter((version) => isVisible(version));
    unseen = seen.length === 0 ? unseen + 1 : 0;
    if (missing === 0 && seen.length > 0) return { versions, next: behind };
    versions.push(...seen.slice(0, missing));
    const last = missing === 0 ? undefined : seen[missing - 1];
    if (last === page.versions.at(-1)) behind = page.next;
    else if (last !== undefined) {
      behind = (await ask(page.versions.indexOf(last) + 1)).next;
      if (seen.length > missing) return { versions, next: behind };
    }
    if (page.next === undefined) return { versions, next: undefined };
    from = page.next;
    if (looked < MOST_LOOKED_AT) continue;
    return { versions, next: versions.length === asked.count ? behind : from };
  }
}

async function read({ store }: Pick<Data, 'store'>, query: ChangeQuery): Promise<ChangePage> {
  try {
    return await store.versions.changes(query);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw foreignLink();
  }
}
