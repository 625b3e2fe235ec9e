import type { Principal } from '../auth/principal.ts';
import type { Happened, Question, Verdict } from '../consent/authority.ts';
import type { AccessWrite } from '../store/leaf-queue.ts';
import type { Deciding } from './groups.ts';

/** A question about some patients, and the interaction that it is asked for. */
export interface Asked {
  readonly interaction: string;
  readonly question: Question;
  readonly patients: readonly string[];
}

/** A version that was made because of what was decided. */
export interface Made {
  /** Path of the version: `Type/id/_history/n`. */
  readonly path: string;
  readonly patients: readonly string[];
}

interface LogEntry {
  readonly interaction: string;
  readonly question: Question;
  readonly verdicts: Map<string, Verdict>;
}

/**
 * Holds what the ledger has decided for one request that changes something, and puts it on record. Each question is asked
 * once, however often the changes are judged; what is asked at one time shares the ledger's transactions.
 */
export class Decided {
  readonly principal: Principal;
  readonly #authority: Deciding['authority'];
  /** By question and patient. */
  readonly #verdicts = new Map<string, Verdict>();
  /** By interaction and question: all that is to be put on record. */
  readonly #log = new Map<string, LogEntry>();
  /** By `Type/id`, under the key of the entry of the log. */
  readonly #made = new Map<string, Made & { readonly entry: string }>();

  constructor({ authority }: Pick<Deciding, 'authority'>, principal: Principal) {
    this.#authority = authority;
    this.principal = principal;
  }

  /** Decided on the ledger when it resolves. @throws LedgerError */
  async ask(questions: readonly Asked[]): Promise<void> {
    const missing = new Map<string, { question: Question; patients: Set<string> }>();
    for (const { question, patients } of questions) {
      for (const patient of patients) {
        if (this.#verdicts.has(keyOf(question, patient))) continue;
        const key = keyOf(question);
        const same = missing.get(key) ?? { question, patients: new Set() };
        missing.set(key, same);
        same.patients.add(patient);
      }
    }
    await Promise.all(
      [...missing.values()].map(async ({ question, patients }) => {
        const decided = await this.#authority.decide(this.principal, [...patients], question);
        for (const [patient, verdict] of decided) {
          this.#verdicts.set(keyOf(question, patient), verdict);
        }
      }),
    );
    for (const { patients, ...about } of questions) this.note(about, this.known(patients, about));
  }

  async decide(
    patients: readonly string[],
    question: Question,
    interaction: string,
  ): Promise<ReadonlyMap<string, Verdict>> {
    await this.ask([{ interaction, question, patients }]);
    return this.known(patients, { question });
  }

  /** Returns what was decided about these patients, as far as it was. */
  known(
    patients: readonly string[],
    { question }: Pick<Asked, 'question'>,
  ): ReadonlyMap<string, Verdict> {
    return new Map(
      patients.flatMap((patient) => {
        const verdict = this.#verdicts.get(keyOf(question, patient));
        return verdict === undefined ? [] : [[patient, verdict] as const];
      }),
    );
  }

  /** Puts decisions on record when the request ends. */
  note(about: Omit<Asked, 'patients'>, verdicts: ReadonlyMap<string, Verdict>): void {
    const key = entryOf(about);
    const entry = this.#log.get(key) ?? { ...about, verdicts: new Map<string, Verdict>() };
    this.#log.set(key, entry);
    for (const [patient, verdict] of verdicts) entry.verdicts.set(patient, verdict);
  }

  /** Is told what a change makes; judged again it may make another. */
  makes(about: Omit<Asked, 'patients'>, { path, patients }: Made): void {
    const [type = '', id = ''] = path.split('/');
    this.#made.set(`${type}/${id}`, { path, patients, entry: entryOf(about) });
  }

  /** Forgets what was to be made, since all is judged again. */
  again(): void {
    this.#made.clear();
  }

  /**
   * Runs a request, and puts on record what was decided for it, whatever became of it: durable when this resolves or
   * rejects. That somebody may have seen what he changed is told by the change; that he may not have is told by itself.
   */
  async recorded<T>(act: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await act();
    } catch (error) {
      this.#made.clear();
      await this.#record([...this.#log.values()], { refused: true });
      throw error;
    }
    await this.#record(this.#changes().map(([, entry]) => entry));
    return result;
  }

  /** Returns what the logs of the patients say of the changes as judged, to be written in the step of the store. */
  async entries(): Promise<readonly AccessWrite[]> {
    const all = await Promise.all(
      this.#changes().map(([, entry]) =>
        this.#authority.entries(this.principal, entry.verdicts, this.#happened(entry)),
      ),
    );
    return all.flat();
  }

  /** Is told that these entries are written. */
  entriesWritten(): void {
    for (const [key] of this.#changes()) this.#log.delete(key);
  }

  #changes(): readonly (readonly [key: string, entry: LogEntry])[] {
    return [...this.#log].filter(([, { question }]) => isChange(question));
  }

  async #record(
    entries: readonly LogEntry[],
    became: Pick<Happened, 'refused'> = {},
  ): Promise<void> {
    await Promise.all(
      entries.map((entry) =>
        this.#authority.record(this.principal, entry.verdicts, {
          ...this.#happened(entry),
          ...became,
        }),
      ),
    );
  }

  #happened({ interaction, question }: LogEntry): Happened {
    const key = entryOf({ interaction, question });
    const resources = [...this.#made.values()].filter(({ entry }) => entry === key);
    return { interaction, question, resources, query: undefined };
  }
}

function isChange({ action }: Question): boolean {
  return action === 'collect' || action === 'correct';
}

function keyOf({ action, className }: Question, patient = ''): string {
  return `${action} ${className} ${patient}`;
}

function entryOf({ interaction, question }: Omit<Asked, 'patients'>): string {
  return `${interaction} ${keyOf(question)}`;
}
