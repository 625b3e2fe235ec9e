import type { Principal } from '../auth/principal.ts';
import { historyBundle } from '../fhir/bundle.ts';
import { FhirError } from '../fhir/errors.ts';
import { noSuchResource } from './read.ts';
import { disclose } from './perform.ts';
import type { Reply } from './reply.ts';
import type { Services } from './services.ts';

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;

/** FHIR instance history: http://hl7.org/fhir/R4/http.html#history, newest first, `_count` and paging by version. */
export function history(
  services: Services,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly count: number | undefined;
    /** Only versions below this one, from a page link. */
    readonly before: number | undefined;
  },
): Promise<Reply> {
  const { type, id, before } = asked;
  const count = Math.min(asked.count ?? DEFAULT_COUNT, MAX_COUNT);
  return disclose(services, principal, {
    interaction: 'history-instance',
    type,
    permission: 'r',
    find: async () => {
      const versions = await services.store.history(type, id, {
        count: count + 1,
        ...(before === undefined ? {} : { before }),
      });
      const page = versions.slice(0, count);
      const last = page.at(-1);
      return {
        versions: page,
        named: [],
        next: versions.length > count && last !== undefined ? String(last.version) : undefined,
        total: await services.store.historyCount(type, id),
      };
    },
    reply: (visible, found) => {
      if (visible.length === 0 && before === undefined) throw noSuchResource(type, id);
      const path = `${services.base}/${type}/${id}/_history`;
      // A version hidden from this caller must not show in the count.
      const hidden = visible.length < found.versions.length;
      return {
        status: 200,
        body: historyBundle({
          base: services.base,
          versions: visible,
          total: hidden ? undefined : found.total,
          self: `${path}?_count=${count}${before === undefined ? '' : `&_before=${before}`}`,
          next:
            found.next === undefined ? undefined : `${path}?_count=${count}&_before=${found.next}`,
        }),
      };
    },
  });
}

export function historyParameters(pairs: readonly (readonly [string, string])[]): {
  readonly count: number | undefined;
  readonly before: number | undefined;
} {
  let count: number | undefined;
  let before: number | undefined;
  for (const [name, value] of pairs) {
    if (name === '_format' || name === '_pretty') continue;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    if (name === '_count' && number !== undefined) count = number;
    else if (name === '_before' && number !== undefined) before = number;
    else {
      throw new FhirError(
        'not-supported',
        name === '_count' || name === '_before'
          ? `${name} must be a whole number`
          : `The history parameter ${name} is not supported`,
        { expression: `http.${name}` },
      );
    }
  }
  return { count, before };
}
