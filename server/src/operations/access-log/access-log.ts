import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import { disclose } from '../../access/disclose.ts';
import type { Disclosing } from '../../access/groups.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import type { Reply } from '../../access/reply.ts';
import { foreignLink } from '../../interactions/history/history.ts';
import type { Paging } from '../../interactions/history/paging.ts';
import type { Input } from '../input.ts';
import type { Proving } from '../proving.ts';
import { askedPart, type AskedPart } from './asked-part.ts';
import { logBundle } from './log-bundle.ts';
import { selectEntries } from './select-entries.ts';

const ANCHORING_DEADLINE = 8_000;

/**
 * `GET Patient/{id}/$access-log`: every disclosure and refusal on record for this patient, oldest first, this very
 * request included; in pages, and in parts, where that is asked for. The leaves form a chain; the proof shows that its
 * newest leaf is in the organisation's log on the ledger, which fixes all the others and their number.
 *
 * @rule $access-log
 */
export async function accessLog(
  services: Disclosing & Proving & Paging,
  principal: Principal,
  asked: { readonly id: string; readonly input: Input },
): Promise<Reply> {
  const { id } = asked;
  const part = askedPart(asked.input);
  const boundTo = JSON.stringify(['$access-log', callerOf(principal), id, part.used]);
  const from = await openCursor(services, boundTo, part.cursor);
  return disclose(services, principal, {
    interaction: '$access-log',
    type: 'Patient',
    permission: 'r',
    className: 'AccessLog',
    find: async () => {
      const version = await services.store.versions.current('Patient', id);
      return { versions: version === undefined ? [] : [version], named: [] };
    },
    reply: async ([patient]) => {
      if (patient === undefined) throw noSuchResource('Patient', id);
      const subject = await services.subjects.of(id);
      const head = await services.store.leaves.lastAccess(subject);
      if (head === undefined) throw new Error('the access that shows the log is missing from it');
      await services.sequencer.anchored(head.id, ANCHORING_DEADLINE);
      const log = { subject, head: head.id, from };
      const { leaves, next } = await selectEntries(services.store.leaves, log, part);
      const cursor = next === undefined ? undefined : await services.links.seal(boundTo, next);
      const url = `${services.base}/Patient/${id}/$access-log`;
      const bundle = logBundle(services, {
        leaves,
        head,
        ...(await services.evidence.inclusion(head.id)),
        self: linkTo(url, part, part.cursor),
        next: cursor === undefined ? undefined : linkTo(url, part, cursor),
      });
      return { status: 200, body: JSON.stringify(bundle) };
    },
  });
}

async function openCursor(
  { links }: Paging,
  boundTo: string,
  cursor: string | undefined,
): Promise<number> {
  const from = cursor === undefined ? 0 : await links.open(boundTo, cursor);
  if (typeof from !== 'number') throw foreignLink();
  return from;
}

function linkTo(url: string, { used, count }: AskedPart, cursor: string | undefined): string {
  const pairs = [
    ...used,
    ...(count === undefined ? [] : [['_count', String(count)] as const]),
    ...(cursor === undefined ? [] : [['_cursor', cursor] as const]),
  ];
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return query.length === 0 ? url : `${url}?${query.join('&')}`;
}
