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
import { judgedBy } from '../../access/judged-by.ts';
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

/** A page of versions that will be seen: what lies between them is passed over. */
async function fill(
  services: Pick<Data, 'store'>,
  query: Omit<ChangeQuery, 'count' | 'page'>,
  asked: {
    readonly count: number;
    readonly cursor: string | undefined;
    /** Returns, of versions by what each is judged, those that will be seen. */
    readonly visible: (
      versions: readonly StoredVersion[],
    ) => Promise<(version: StoredVersion) => boolean>;
  },
): Promise<{ readonly versions: readonly StoredVersion[]; readonly next: string | undefined }> {
  const versions: StoredVersion[] = [];
  let next = asked.cursor;
  let looked = 0;
  do {
    const ask = (count: number): Promise<ChangePage> =>
      read(services, { ...query, count, ...(next === undefined ? {} : { page: next }) });
    const missing = asked.count - versions.length;
    // After a page with nothing to see, longer steps lead past what is hidden.
    let page = await ask(versions.length === 0 && looked > 0 ? Math.max(missing, 200) : missing);
    looked += page.versions.length;
    const by = await judgedBy(services, page.versions);
    const isVisible = await asked.visible(page.versions.map((each) => by.get(each) ?? each));
    const isSeen = (version: StoredVersion): boolean => isVisible(by.get(version) ?? version);
    const seen = page.versions.filter(isSeen);
    const last = seen[missing - 1];
    if (last !== undefined && last !== page.versions.at(-1)) {
      page = await ask(page.versions.indexOf(last) + 1);
    }
    versions.push(...seen.slice(0, missing));
    next = page.next;
  } while (next !== undefined && versions.length < asked.count && looked < MOST_LOOKED_AT);
  return { versions, next };
}

async function read({ store }: Pick<Data, 'store'>, query: ChangeQuery): Promise<ChangePage> {
  try {
    return await store.versions.changes(query);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw foreignLink();
  }
}
