import type { Principal } from '../../auth/principal.ts';
import { breather } from '../breather.ts';
import type { Services } from '../services.ts';
import { Turns } from '../../turns.ts';
import type { AnswerRoom } from './answer-room.ts';
import { atEntry } from './at-entry.ts';
import { dispatch } from './dispatch.ts';
import { answeredLike, isRead, parseEntry, type Entry } from './entry.ts';
import type { FindOperation } from './operation-call.ts';
import type { RawEntry } from './read-bundle.ts';
import { responseBundle, type Result, type Wish } from './respond.ts';

/** Says how many entries are under way at once: enough to share commits of store and ledger. */
const LANES = 16;

/**
 * FHIR batch: each entry is judged and done as if it had come alone; those that name the same resource in their order.
 *
 * @rule batch
 */
export async function batch(
  services: Services,
  principal: Principal,
  asked: {
    readonly entries: readonly RawEntry[];
    readonly wish: Wish;
    readonly operations: FindOperation;
    readonly room: AnswerRoom;
  },
): Promise<Uint8Array> {
  const { entries, wish, operations, room } = asked;
  const { r4, base, clock } = services;
  const results: { method: Entry['method'] | undefined; result: Result }[] = [];
  const turns = new Turns();
  const breathe = breather(clock);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let raw = entries[next]; raw !== undefined; raw = entries[next]) {
      next += 1;
      results[raw.index] = await one(raw);
      await breathe();
    }
  };
  const one = async (raw: RawEntry): Promise<(typeof results)[number]> => {
    let method: Entry['method'] | undefined;
    try {
      const entry = parseEntry(raw, { r4, base, operations });
      // Consents may have changed since the batch began.
      await services.replica.catchUp();
      method = answeredLike(entry);
      const { type, id } = entry.target;
      const alone = () => dispatch(services, principal, entry);
      const act = () => (isRead(entry) ? room.read(alone) : alone());
      const reply = await (id === undefined ? act() : turns.take(`${type}/${id}`, act));
      return { method, result: { reply } };
    } catch (error) {
      return { method, result: { error: atEntry(raw.index, error) } };
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return responseBundle('batch', results, { wish, base, clock });
}
