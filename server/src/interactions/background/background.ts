import { callerOf } from '../../auth/caller.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Permission } from '../../auth/scopes.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { responseBundle, type Result } from '../bundle/respond.ts';
import { disclose } from '../../access/disclose.ts';
import { seenBy } from '../../consent/seen-by.ts';
import type { Reply } from '../../access/reply.ts';
import type { Disclosing } from '../../access/groups.ts';
import {
  newTicket,
  ownerOf,
  readTicket,
  ticketText,
  type Job,
  type JobStore,
} from './job-store.ts';
import type { Noted, Shown, ShownNotes } from '../../access/shown-notes.ts';

/** Says how many may run at once, for one caller and in all. */
const MOST_OF_ONE = 4;
const MOST = 16;
/** Bytes of a result. */
const LARGEST = 256 * 1024 * 1024;
/** Signs of life, and after how long without one nobody works on a job any more; ms. */
const BEAT = 5_000;
const LOST = 20_000;
const SWEEP = 60_000;

export interface BackgroundParts {
  /** Absolute base URL, `http://host:port/fhir`. */
  readonly base: string;
  readonly jobs: JobStore;
  readonly shownNotes: ShownNotes;
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Says how long a result is kept, ms. */
  readonly keep: number;
  /** Something that only the operator can help with. */
  readonly failed: (error: unknown) => void;
}

/** Holds what a client is told of its request: still under way, or the answer to hand over. */
export type Progress = { readonly progress: string } | { readonly reply: Reply };

/**
 * Requests that run in the background, http://hl7.org/fhir/R4/async.html: decided and recorded when the answer is made,
 * and once more when it is fetched. The answer is kept for its caller alone, sealed, for a while.
 *
 * @rule $async, Prefer: respond-async
 */
export class Background {
  readonly #with: BackgroundParts;
  /** Jobs that run here, with their owners. */
  readonly #running = new Map<string, string>();
  /** Jobs that have ended and whose last state is being written. */
  readonly #finishing = new Set<string>();
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(parts: BackgroundParts) {
    this.#with = parts;
    this.#timers = [
      setInterval(() => void this.#beat().catch(parts.failed), BEAT).unref(),
      setInterval(() => void this.#sweep().catch(parts.failed), SWEEP).unref(),
    ];
  }

  /**
   * Starts what was asked for.
   *
   * @returns what its URL ends with
   * @throws FhirError `throttled`
   */
  async start(
    principal: Principal,
    act: (principal: Principal) => Promise<Reply>,
  ): Promise<string> {
    const { jobs, clock, random } = this.#with;
    const owner = ownerOf(callerOf(principal));
    const mine = [...this.#running.values()].filter((other) => other === owner).length;
    if (mine >= MOST_OF_ONE || this.#running.size >= MOST) {
      throw new FhirError('throttled', 'Too many requests run in the background; try again later');
    }
    const ticket = newTicket(random);
    const { id } = ticket;
    this.#running.set(id, owner);
    const now = clock();
    const job: Job = { id, owner, created: now, state: 'running', beat: now, chunks: 0 };
    try {
      await jobs.put(job);
    } catch (error) {
      this.#running.delete(id);
      throw error;
    }
    void this.#run(job, ticket, { principal, act })
      .catch(this.#with.failed)
      .finally(() => {
        this.#running.delete(id);
        this.#finishing.delete(id);
      });
    return ticketText(ticket);
  }

  /** @throws FhirError `not-found` for anybody else, and when it is kept no longer */
  async poll(services: Disclosing, principal: Principal, text: string): Promise<Progress> {
    const { jobs, clock } = this.#with;
    const { job, ticket } = await this.#find(principal, text);
    if (job.state === 'running') {
      const seconds = Math.round((clock() - job.created) / 1000);
      const alive = this.#running.has(job.id) || clock() - job.beat < LOST;
      if (alive) return { progress: `under way for ${seconds} s` };
      await jobs.remove(job);
      throw new FhirError(
        'exception',
        'The server stopped while it worked on this; its answer is lost. A transaction has happened altogether or not at all: look before you repeat it',
      );
    }
    const bytes = await jobs.result(job, ticket);
    if (bytes === undefined) throw unknownJob();
    return { reply: await judged(services, principal, bytes) };
  }

  /** Forgets the answer; what has been changed stays changed. @throws FhirError `not-found` */
  async cancel(principal: Principal, text: string): Promise<void> {
    const { job } = await this.#find(principal, text);
    this.#running.delete(job.id);
    await this.#with.jobs.remove(job);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #find(principal: Principal, text: string) {
    const { jobs, clock, keep } = this.#with;
    const ticket = readTicket(text);
    const job = ticket && (await jobs.job(ticket.id));
    const ours = job?.owner === ownerOf(callerOf(principal)) && clock() - job.created < keep;
    if (ticket === undefined || job === undefined || !ours) throw unknownJob();
    return { job, ticket };
  }

  async #run(
    job: Job,
    ticket: ReturnType<typeof newTicket>,
    by: {
      readonly principal: Principal;
      readonly act: (principal: Principal) => Promise<Reply>;
    },
  ): Promise<void> {
    const { jobs, shownNotes } = this.#with;
    const { principal, noted } = shownNotes.watch(by.principal);
    let result: Result;
    try {
      result = { reply: await by.act(principal) };
    } catch (error) {
      result = { error };
    }
    const wanted = (): boolean => this.#running.has(job.id);
    if (!wanted()) return;
    this.#finishing.add(job.id);
    const bytes = pack(noted, await answerOf(this.#with, result));
    const kept =
      bytes.length <= LARGEST
        ? bytes
        : pack(
            { shown: [], counted: [] },
            await answerOf(this.#with, {
              error: new FhirError('too-costly', 'The answer is too large'),
            }),
          );
    await jobs.finish(job, { ticket, bytes: kept }, wanted);
  }

  async #beat(): Promise<void> {
    const { jobs, clock } = this.#with;
    for (const id of this.#running.keys()) {
      const job = await jobs.job(id);
      if (job?.state === 'running' && this.#running.has(id) && !this.#finishing.has(id)) {
        await jobs.put({ ...job, beat: clock() });
      }
    }
  }

  async #sweep(): Promise<void> {
    const { jobs, clock, keep } = this.#with;
    for (const job of await jobs.jobs()) {
      if (clock() - job.created >= keep && !this.#running.has(job.id)) await jobs.remove(job);
    }
  }
}

/** R5 async-bundle.html: the answer as the one entry of a batch-response. */
function answerOf(
  { base, clock }: { readonly base: string; readonly clock: () => number },
  result: Result,
): Promise<Uint8Array> {
  const wish = { representation: true };
  return responseBundle('batch', [{ method: 'GET', result }], { wish, base, clock });
}

/** Puts what was shown and counted in a line before the answer. */
function pack(noted: Noted, answer: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(noted)}\n`, 'utf8'), answer]);
}

/**
 * The answer leaves like anything else: every version in it is decided and recorded again. What may not be seen any more
 * takes the whole answer with it, and so do consents that would have something else counted.
 */
async function judged(
  services: Disclosing,
  principal: Principal,
  bytes: Uint8Array,
): Promise<Reply> {
  const end = bytes.indexOf(0x0a);
  const noted = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8')) as Partial<Noted>;
  const { shown, counted } = noted;
  // An earlier server noted less.
  if (shown === undefined || counted === undefined) throw unknownJob();
  const reply: Reply = { status: 200, body: bytes.subarray(end + 1) };
  const permissions = new Set(shown.map(({ permission }) => permission));
  for (const permission of permissions) {
    const some = shown.filter((each) => each.permission === permission);
    await judgeSome(services, principal, { permission, shown: some });
  }
  if (counted.length > 0) {
    const now = seenBy(services, principal);
    if (counted.some((then) => then !== now)) throw changed();
  }
  return reply;
}

async function judgeSome(
  services: Disclosing,
  principal: Principal,
  by: { readonly permission: Permission; readonly shown: readonly Shown[] },
): Promise<void> {
  const { permission, shown } = by;
  const first = shown[0];
  if (first === undefined) return;
  const names = new Map(shown.map((each) => [`${each.type}/${each.id}/${each.version}`, each]));
  await disclose(services, principal, {
    interaction: '$async',
    type: first.type,
    permission,
    find: async () => {
      const versions: StoredVersion[] = [];
      for (const { type, id, version } of names.values()) {
        const found = await services.store.versions.version(type, id, version);
        if (found !== undefined) versions.push(found);
      }
      return { versions, named: [] };
    },
    reply: (visible) => {
      if (visible.length === names.size) return { status: 200 };
      throw changed();
    },
  });
}

function changed(): FhirError {
  return new FhirError(
    'conflict',
    'What may be shown has changed since this answer was made: ask again',
  );
}

function unknownJob(): FhirError {
  return new FhirError(
    'not-found',
    'There is no such request here, or its answer is kept no longer',
  );
}
