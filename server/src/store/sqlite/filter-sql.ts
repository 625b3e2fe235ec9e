import type { Chain, Filter } from '../../search/query.ts';
import { lookedUp, testedTogether } from './alternatives-sql.ts';
import { chainCandidates, chainCondition } from './chain-sql.ts';
import { entries } from './criterion-sql.ts';
import type { Entries, Scope } from './criterion-sql.ts';
import { insideCandidates, insideCondition } from './inside-sql.ts';
import { hierarchyCandidates, hierarchyCondition } from './hierarchy-sql.ts';
import { byResource, entryTables } from './schema.ts';
import { always, eras, join, list, never, prepend, shown, wrap } from './sql.ts';
import type { Candidates, Sql } from './sql.ts';
import { reading } from './work-budget.ts';
import { noPatient } from './write-versions.ts';

const maxUnion = 50;

/** Tells whether row `scope.row` (`r`) of `resource` satisfies the filter. */
export function condition(filter: Filter, scope: Scope): Sql {
  switch (filter.op) {
    case 'and':
      return join(
        filter.all.map((part) => condition(part, scope)),
        'AND',
      );
    case 'or':
      return join(
        testedTogether(filter.any, scope).map((part) =>
          part.op === 'entries' ? hasEntry(part.found, scope) : condition(part, scope),
        ),
        'OR',
      );
    case 'not':
      return wrap('NOT (', condition(filter.filter, scope), ')');
    case 'id':
      return {
        text: `${scope.row}.id IN (SELECT value FROM json_each(?))`,
        values: [list(filter.ids)],
      };
    case 'lastUpdated':
      return between(`${scope.row}.last_updated`, filter);
    case 'missing':
      return missing(filter, scope);
    case 'patients':
      return patients(filter, scope);
    case 'text':
      return wrap(`${scope.row}.rid IN (`, withWords(filter, scope), ')');
    case 'chain': {
      const linked = chainCondition(filter, scope, condition);
      return filter.contained ? join([linked, condition(filter.contained, scope)], 'OR') : linked;
    }
    case 'referenced':
      return chainCondition(filter, scope, condition);
    case 'hierarchy':
      return hierarchyCondition(filter, scope, condition);
    case 'inside':
      return insideCondition(filter, scope, condition);
    default: {
      const found = entries(filter, scope);
      return found ? hasEntry(found, scope) : never;
    }
  }
}

function hasEntry({ table, where, tested = where }: Entries, { row }: Scope): Sql {
  return wrap(
    `EXISTS (SELECT 1 FROM ${byResource(table)} WHERE rid = ${row}.rid AND `,
    tested,
    ')',
  );
}

/** Names what tells the number of a candidate, before its row is looked at. */
export type Candidate = 'd.rid' | 'e.rid' | 'r.rid';

/**
 * The test of a candidate for a criterion that fixes a whole row of its index, there instead of among the candidate's own
 * entries: what has one value lies together, however far apart the candidates are. Undefined for other criteria.
 */
export function amongItsValue(filter: Filter, scope: Scope, candidate: Candidate): Sql | undefined {
  if (filter.op !== 'token' && filter.op !== 'reference' && filter.op !== 'uri') return undefined;
  const found = entries(filter, scope);
  if (!found?.unique) return undefined;
  const start = `(SELECT 1 FROM ${found.table} INDEXED BY ${found.index} WHERE rid = ${candidate} AND `;
  // Not EXISTS, which SQLite would join behind the candidate's row.
  return wrap(start, found.where, ')');
}

const columns: Readonly<Record<string, string>> = { _text: 'narrative', _content: 'content' };

/** Resources of the type with these words. FTS5's own syntax is closed by quotation marks, which no word holds. */
function withWords(filter: Extract<Filter, { op: 'text' }>, { type }: Scope): Sql {
  const column = columns[filter.param] ?? 'content';
  return {
    text: `SELECT rowid AS rid FROM text_index WHERE ${reading}text_index MATCH ?`,
    values: [`type : "${type}" AND ${column} : "${filter.words.replaceAll('"', '')}"`],
  };
}

/** Selects `rid` of every resource that can satisfy the filter, from an index; undefined when no index narrows. */
export function candidates(filter: Filter, scope: Scope): Candidates | undefined {
  switch (filter.op) {
    case 'id':
      return named(filter.ids, scope);
    case 'lastUpdated': {
      if (filter.from === undefined && filter.to === undefined) return undefined;
      const range = prepend([scope.type], between('last_updated', filter));
      const parts = eras('t', scope.at).map((era) =>
        join([era, wrap('type = ? AND ', range, '')], 'AND'),
      );
      return {
        text: parts
          .map(({ text }) => `SELECT rid FROM resource t WHERE ${text}`)
          .join(' UNION ALL '),
        values: parts.flatMap(({ values }) => values),
        exact: true,
      };
    }
    case 'or':
      return union(filter.any, scope);
    case 'patients':
      return patientCandidates(filter, scope);
    case 'chain':
      return linked(filter, scope);
    case 'referenced':
      return chainCandidates(filter, scope, { condition, candidates });
    case 'hierarchy':
      return hierarchyCandidates(filter, scope, condition);
    case 'text':
      return { ...withWords(filter, scope), exact: true };
    case 'and':
      return firstOf(filter.all, scope);
    case 'not':
    case 'missing':
      return undefined;
    case 'inside':
      return insideCandidates(filter, scope, candidates)[0];
    default: {
      const found = entries(filter, scope);
      return found ? inIndex(found) : { text: 'SELECT 0 AS rid WHERE ?', values: [0], exact: true };
    }
  }
}

function inIndex({ table, index, where, unique, sifted }: Entries): Candidates {
  const start = `SELECT rid FROM ${table} INDEXED BY ${index} WHERE ${sifted ? reading : ''}`;
  return { ...wrap(start, where, ''), exact: unique };
}

function named(ids: readonly string[], scope: Scope): Candidates {
  if (scope.contained !== undefined) {
    return {
      text: `SELECT rid FROM contained INDEXED BY contained_by_id
        WHERE ${reading}param = ? AND id IN (SELECT value FROM json_each(?))`,
      values: [scope.contained, list(ids)],
      exact: true,
    };
  }
  const test = shown('t', scope.at);
  return {
    text: `SELECT rid FROM resource t INDEXED BY resource_by_id
      WHERE type = ? AND id IN (SELECT value FROM json_each(?)) AND ${test.text}`,
    values: [scope.type, list(ids), ...test.values],
    exact: true,
  };
}

function patientCandidates(
  { mode, patients }: Extract<Filter, { op: 'patients' }>,
  scope: Scope,
): Candidates | undefined {
  const param = scope.dictionary.param(scope.type, '', 'patient');
  if (mode === 'not-in' || patients.length > maxUnion || param === undefined) return undefined;
  return {
    text: 'SELECT rid FROM patient_entry INDEXED BY patient_by_id WHERE param = ? AND patient IN (SELECT value FROM json_each(?))',
    values: [param, list([noPatient, ...patients])],
    exact: false,
  };
}

function missing(filter: Extract<Filter, { op: 'missing' }>, scope: Scope): Sql {
  const present = scope.dictionary.kinds(scope.type, filter.param).map(([kind, param]): Sql => ({
    text: `EXISTS (SELECT 1 FROM ${byResource(entryTables[kind].table)} WHERE rid = ${scope.row}.rid AND param = ?)`,
    values: [param],
  }));
  const any = join(present, 'OR');
  return filter.missing ? wrap('NOT (', any, ')') : any;
}

function patients(filter: Extract<Filter, { op: 'patients' }>, scope: Scope): Sql {
  const param = scope.dictionary.param(scope.type, '', 'patient');
  if (param === undefined) return always;
  const outside = filter.mode === 'in';
  return {
    text: `NOT EXISTS (SELECT 1 FROM ${byResource('patient_entry')}
      WHERE rid = ${scope.row}.rid AND param = ? AND +patient ${outside ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?)))`,
    values: [param, list(outside ? [noPatient, ...filter.patients] : filter.patients)],
  };
}

function linked(chain: Chain, scope: Scope): Candidates | undefined {
  const found = chainCandidates(chain, scope, { condition, candidates });
  if (!chain.contained || !found) return found;
  const inside = candidates(chain.contained, scope);
  return inside && either([found, inside]);
}

/**
 * Finds the first way to what must hold together, inside of something else: the conjuncts of a search are weighed
 * against one another.
 */
function firstOf(all: readonly Filter[], scope: Scope): Candidates | undefined {
  for (const part of all) {
    const found = candidates(part, scope);
    if (found) return { ...found, exact: false };
  }
  return undefined;
}

function union(any: readonly Filter[], scope: Scope): Candidates | undefined {
  const parts = lookedUp(any, scope).map((part) =>
    part.op === 'entries' ? inIndex(part.found) : candidates(part, scope),
  );
  if (parts.length === 0 || parts.length > maxUnion || parts.includes(undefined)) return undefined;
  return either(parts.filter((part) => part !== undefined));
}

function either(known: readonly Candidates[]): Candidates {
  return {
    text: `SELECT rid FROM (${known.map((part) => part.text).join(' UNION ALL ')})`,
    values: known.flatMap((part) => part.values),
    exact: false,
  };
}

function between(
  column: `${Scope['row']}.last_updated` | 'last_updated',
  range: { readonly from?: number; readonly to?: number },
): Sql {
  const bounds: Sql[] = [];
  if (range.from !== undefined) bounds.push({ text: `${column} >= ?`, values: [range.from] });
  if (range.to !== undefined) bounds.push({ text: `${column} < ?`, values: [range.to] });
  return join(bounds, 'AND');
}
