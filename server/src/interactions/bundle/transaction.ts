import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { breather } from '../breather.ts';
import { historyParameters } from '../history/history-parameters.ts';
import { keyOf } from '../../access/included.ts';
import type { JudgedChange } from '../change/change-set.ts';
import { commit } from '../change/commit.ts';
import { boundsOf } from '../../access/bounds.ts';
import { disclose } from '../../access/disclose.ts';
import { versionPath, type Reply } from '../../access/reply.ts';
import type { Services } from '../services.ts';
import type { AnswerRoom } from './answer-room.ts';
import { atEntry, atEntryOf } from './at-entry.ts';
import { dispatch } from './dispatch.ts';
import { answeredLike, isRead, parseEntry, type Entry } from './entry.ts';
import { judge, type Judged } from './judge.ts';
import { assertWithinLimits } from './ledger-limits.ts';
import { planTransaction, type Plan } from './plan.ts';
import type { FindOperation } from './operation-call.ts';
import type { RawEntry } from './read-bundle.ts';
import { responseBundle, type Result, type Wish } from './respond.ts';
import { parseTypeSearch } from '../search/search.ts';
import { parseSystemSearch } from '../search/search-types.ts';

/**
 * FHIR transaction: http://hl7.org/fhir/R4/http.html#trules. All that it changes becomes durable and visible in one
 * step, or nothing does. What it only reads and does not change itself is read before that step, so that a refusal
 * still stops everything; the rest is read after it, and a refusal then is that entry's own outcome.
 *
 * @throws FhirError naming the entry that cannot be done
 * @rule transaction
 */
export async function transaction(
  services: Services,
  principal: Principal,
  asked: {
    readonly entries: readonly RawEntry[];
    readonly wish: Wish;
    readonly operations: FindOperation;
    readonly room: AnswerRoom;
  },
): Promise<Uint8Array> {
  const run = new Transaction(services, principal, asked);
  const entries = await run.parse(asked.entries);
  await run.change(entries);
  await run.readAfter(entries);
  const results = entries.map((entry) => ({
    method: answeredLike(entry),
    result: run.result(entry.index),
  }));
  const { base, clock } = services;
  return responseBundle('transaction', results, { wish: asked.wish, base, clock });
}

type Disclosed = Plan['disclosed'][number];

class Transaction {
  readonly #services: Services;
  readonly #principal: Principal;
  readonly #operations: FindOperation;
  readonly #room: AnswerRoom;
  readonly #results = new Map<number, Result>();
  readonly #ids = new Map<number, string>();
  /** Versions that were disclosed already, should all be tried again. */
  readonly #disclosed = new Set<string>();

  constructor(
    services: Services,
    principal: Principal,
    by: { readonly operations: FindOperation; readonly room: AnswerRoom },
  ) {
    this.#operations = by.operations;
    this.#room = by.room;
    this.#services = services;
    this.#principal = principal;
  }

  result(index: number): Result {
    const result = this.#results.get(index);
    if (result === undefined) throw new Error('every entry has a result');
    return result;
  }

  async parse(raw: readonly RawEntry[]): Promise<readonly Entry[]> {
    const breathe = breather(this.#services.clock);
    const entries: Entry[] = [];
    for (const each of raw) {
      entries.push(await atEntryOf(each, () => this.#parseOne(each)));
      await breathe();
    }
    return entries;
  }

  /** Refuses here what can be refused of a read without reading. */
  async #parseOne(raw: RawEntry): Promise<Entry> {
    const { r4, base } = this.#services;
    const entry = parseEntry(raw, { r4, base, operations: this.#operations });
    if (entry.operation !== undefined) {
      entry.operation.check();
      if (isRead(entry)) return entry;
      throw new FhirError(
        'not-supported',
        'An operation that changes data is no part of a transaction: send it alone, or in a batch',
        { expression: 'http.request' },
      );
    }
    if (!isRead(entry)) return entry;
    const { type, id, history, version, query, within } = entry.target;
    if (type !== '') boundsOf(this.#principal, type, id === undefined ? 's' : 'r');
    const pairs = [...new URLSearchParams(query)];
    if (id === undefined && !history) {
      const asked = { parameters: pairs, handling: 'strict' as const, ...(within && { within }) };
      if (type === '') await parseSystemSearch(this.#services, this.#principal, asked);
      else await parseTypeSearch(this.#services, this.#principal, { ...asked, type });
    } else if (history && version === undefined) historyParameters(pairs);
    return entry;
  }

  async change(entries: readonly Entry[]): Promise<void> {
    const services = this.#services;
    const { judged } = await commit(services, this.#principal, {
      prepare: async (decided) => {
        const plan = await planTransaction(services, this.#principal, {
          entries,
          newId: (index) => this.#newId(index),
        });
        return { plan, ...(await judge(services, decided, plan)) };
      },
      before: async ({ plan, ...judgement }) => {
        assertWithinLimits(services, this.#principal, judgement);
        await this.#tell(plan);
        await this.#readBefore(entries, plan);
      },
    });
    const changed = judged.filter(({ change }) => change?.made !== undefined);
    const made = new Map(changed.map((each) => [keyOf(each.step), each]));
    const breathe = breather(services.clock);
    for (const each of judged) {
      await breathe();
      const { entry, twin } = each.step;
      const shared = twin === true ? this.#replyOf(made.get(keyOf(each.step)) ?? each) : undefined;
      const reply = shared === undefined ? this.#replyOf(each) : { ...shared, status: 200 };
      this.#results.set(entry.index, { reply });
    }
  }

  async readAfter(entries: readonly Entry[]): Promise<void> {
    const wrote = entries.some((entry) => !isRead(entry));
    for (const entry of entries) {
      if (!isRead(entry) || this.#results.has(entry.index)) continue;
      try {
        await this.#read(entry);
      } catch (error) {
        if (!wrote) throw atEntry(entry.index, error);
        this.#results.set(entry.index, { error: atEntry(entry.index, error) });
      }
    }
  }

  async #readBefore(entries: readonly Entry[], { steps }: Plan): Promise<void> {
    const changed = new Set(steps.map(({ type, id }) => `${type}/${id}`));
    for (const entry of entries) {
      const { type, id, history, version } = entry.target;
      const aside =
        entry.operation !== undefined || id === undefined || (history && version === undefined);
      if (!isRead(entry) || aside || this.#results.has(entry.index)) continue;
      if (changed.has(`${type}/${id}`)) continue;
      await atEntryOf(entry, () => this.#read(entry));
    }
  }

  async #read(entry: Entry): Promise<void> {
    const reply = await this.#room.read(() => dispatch(this.#services, this.#principal, entry));
    this.#results.set(entry.index, { reply });
  }

  /** That something is there already is told like anything else: decided and recorded. */
  async #tell({ disclosed }: Plan): Promise<void> {
    const byType = new Map<string, Map<string, Disclosed>>();
    for (const each of disclosed) {
      const path = versionPath(each.version);
      if (this.#disclosed.has(path)) continue;
      const same = byType.get(each.version.type) ?? new Map<string, Disclosed>();
      byType.set(each.version.type, same.set(path, each));
    }
    for (const [type, found] of byType) {
      const index = [...found.values()][0]?.index ?? 0;
      await atEntryOf({ index }, () =>
        this.#tellType(
          type,
          [...found.values()].map((each) => each.version),
        ),
      );
      for (const path of found.keys()) this.#disclosed.add(path);
    }
  }

  async #tellType(type: string, versions: readonly StoredVersion[]): Promise<void> {
    await disclose(this.#services, this.#principal, {
      interaction: 'transaction',
      type,
      permission: 's',
      find: () => Promise.resolve({ versions, named: [] }),
      reply: (visible) => {
        if (visible.length < versions.length) {
          throw new FhirError('precondition', 'A condition cannot be judged for this caller');
        }
        return { status: 200 };
      },
    });
  }

  #replyOf({ step, change }: Judged): Reply {
    const { previous, accepted, made, showsItself } = change ?? {};
    const version = made?.version;
    if (step.existing !== undefined) {
      const { existing } = step;
      const location = versionPath(existing);
      // Judged again in a consent's turn it may be another one: nothing is shown that was not disclosed.
      const shown = this.#disclosed.has(location) ? { body: existing.body, version: existing } : {};
      return { status: 200, location, ...shown };
    }
    if (step.action === 'patch') return patchReply(change);
    if (version === undefined || version.deleted) {
      return { status: 204, ...(version === undefined ? {} : { version }) };
    }
    const created = previous === undefined || previous.deleted;
    return {
      status: created ? 201 : 200,
      ...(showsItself === true ? { body: version.body } : {}),
      version,
      warnings: accepted?.warnings ?? [],
      location: versionPath(version),
    };
  }

  #newId(index: number): string {
    const known = this.#ids.get(index) ?? this.#services.newId();
    this.#ids.set(index, known);
    return known;
  }
}

/** Without the body: it holds what the client did not send. */
function patchReply(change: JudgedChange | undefined): Reply {
  const version = change?.made?.version ?? change?.previous;
  if (version === undefined) throw new Error('a patch has something to change');
  const warnings = change?.accepted?.warnings ?? [];
  return { status: 200, version, warnings, location: versionPath(version) };
}
