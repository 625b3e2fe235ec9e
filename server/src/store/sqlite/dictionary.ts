import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntryKind, ParamKind, SortableKind } from './schema.ts';

const TERM_CACHE_SIZE = 10_000;

/** Small integers for search parameters, and for systems and units. Only this process writes the file, so they may be cached. */
export class Dictionary {
  readonly #params = new Map<string, number>();
  readonly #kinds = new Map<string, [EntryKind, number][]>();
  readonly #terms = new Map<string, number>();
  readonly #allParams: StatementSync;
  readonly #addParam: StatementSync;
  readonly #findTerm: StatementSync;
  readonly #addTerm: StatementSync;
  #uncommitted = false;

  constructor(db: DatabaseSync) {
    this.#allParams = db.prepare('SELECT id, type, code, kind FROM param ORDER BY id');
    this.#addParam = db.prepare('INSERT INTO param (type, code, kind) VALUES (?, ?, ?)');
    this.#findTerm = db.prepare('SELECT id FROM term WHERE text = ?');
    this.#addTerm = db.prepare('INSERT INTO term (text) VALUES (?)');
    this.#load();
  }

  param(type: string, code: string, kind: ParamKind): number | undefined {
    return this.#params.get(paramKey(type, code, kind));
  }

  /** Every kind under which the parameter has been indexed. */
  kinds(type: string, code: string): readonly (readonly [EntryKind, number])[] {
    return this.#kinds.get(`${type}?${code}`) ?? [];
  }

  /** The same for the kinds that resources can be sorted by. */
  sortKinds(type: string, code: string): readonly (readonly [SortableKind, number])[] {
    return this.kinds(type, code).filter(isSortable);
  }

  internParam(type: string, code: string, kind: ParamKind): number {
    const known = this.param(type, code, kind);
    if (known !== undefined) return known;
    const id = Number(this.#addParam.run(type, code, kind).lastInsertRowid);
    this.#uncommitted = true;
    this.#keepParam({ id, type, code, kind });
    return id;
  }

  term(text: string | null): number | undefined {
    if (text === null) return 0;
    const cached = this.#terms.get(text);
    if (cached !== undefined) return cached;
    const row = this.#findTerm.get(text);
    return row && this.#keepTerm(text, Number(row.id));
  }

  internTerm(text: string | null): number {
    const known = this.term(text);
    if (known !== undefined || text === null) return known ?? 0;
    this.#uncommitted = true;
    return this.#keepTerm(text, Number(this.#addTerm.run(text).lastInsertRowid));
  }

  committed(): void {
    this.#uncommitted = false;
  }

  /** Forgets what was interned by a transaction that did not happen. */
  rolledBack(): void {
    if (this.#uncommitted) this.refresh();
  }

  /** Another connection has written. */
  refresh(): void {
    this.#params.clear();
    this.#kinds.clear();
    this.#terms.clear();
    this.#load();
  }

  #load(): void {
    for (const row of this.#allParams.all()) {
      const { id, type, code, kind } = row as {
        id: number;
        type: string;
        code: string;
        kind: ParamKind;
      };
      this.#keepParam({ id, type, code, kind });
    }
  }

  #keepParam({
    id,
    type,
    code,
    kind,
  }: {
    id: number;
    type: string;
    code: string;
    kind: ParamKind;
  }): void {
    this.#params.set(paramKey(type, code, kind), id);
    if (kind === 'contained') return;
    const name = `${type}?${code}`;
    this.#kinds.set(name, [...(this.#kinds.get(name) ?? []), [kind, id]]);
  }

  #keepTerm(text: string, id: number): number {
    if (this.#terms.size >= TERM_CACHE_SIZE) this.#terms.clear();
    this.#terms.set(text, id);
    return id;
  }
}

function paramKey(type: string, code: string, kind: ParamKind): string {
  return `${kind} ${type}?${code}`;
}

function isSortable(kind: readonly [EntryKind, number]): kind is readonly [SortableKind, number] {
  return kind[0] !== 'composite' && kind[0] !== 'position';
}
