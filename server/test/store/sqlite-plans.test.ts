import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Filter } from '../../src/search/query.ts';
import { chooseDriver } from '../../src/store/sqlite/choose-driver.ts';
import type { Scope } from '../../src/store/sqlite/criterion-sql.ts';
import { Dictionary } from '../../src/store/sqlite/dictionary.ts';
import { candidates, condition } from '../../src/store/sqlite/filter-sql.ts';
import { pageSql } from '../../src/store/sqlite/page-sql.ts';
import { driven, scans } from '../../src/store/sqlite/sources-sql.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { Statements } from '../../src/store/sqlite/statements.ts';
import { WorkBudget } from '../../src/store/sqlite/work-budget.ts';
import { manyContainers, manyResources, planned } from '../support/plan-samples.ts';

let folder: string;
let db: DatabaseSync;
let scope: Scope;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartseal-plans-'));
  const path = join(folder, 'store.db');
  const store = await openSqliteStore(path, { randomBytes });
  await store.write({ versions: manyResources });
  await store.write({ versions: manyContainers });
  await store.close();
  db = new DatabaseSync(path);
  new WorkBudget(db);
  scope = { type: 'Observation', dictionary: new Dictionary(db), row: 'r', at: undefined };
});
afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true, force: true });
});

function plan(filter: Filter, of = scope): string[] {
  const sql = candidates(filter, of);
  assert.ok(sql, 'no index narrows it');
  assert.ok(db.prepare(sql.text).all(...sql.values).length > 0, 'it finds something');
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql.text}`).all(...sql.values);
  return rows.map(({ detail }) => String(detail));
}

function finds(filter: Filter, of: Scope): boolean {
  const sql = candidates(filter, of);
  return sql !== undefined && db.prepare(sql.text).all(...sql.values).length > 0;
}

describe('plans of SQLite', () => {
  for (const [filter, index, columns] of planned) {
    it(`enter ${index} by ${columns} for ${filter.op}`, () => {
      const steps = plan(filter);
      assert.ok(
        steps.some((step) => step.includes(`COVERING INDEX ${index} (${columns})`)),
        steps.join('\n'),
      );
      const scanned = steps.filter((step) => /^SCAN(?! json_each)/.test(step));
      assert.deepEqual(scanned, []);
    });
  }

  for (const [filter] of planned) {
    it(`test one candidate by its primary key for ${filter.op}`, () => {
      const { text, values } = condition(filter, scope);
      // As a search has it: candidates from elsewhere, each of which is tested.
      const sql = `SELECT r.rid FROM (SELECT ? AS rid) d CROSS JOIN resource r ON r.rid = d.rid WHERE ${text}`;
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(1, ...values);
      const steps = rows.map(({ detail }) => String(detail));
      assert.ok(
        steps.some((step) => /_entry .*\(rid=\? AND param=\?/.test(step)),
        steps.join('\n'),
      );
    });
  }

  for (const [filter, index, columns] of planned) {
    it(`enter ${index} by ${columns} for ${filter.op} of what is contained`, () => {
      const inside: Filter = { op: 'inside', type: 'Observation', filter };
      const claims = { ...scope, type: 'Claim' };
      const holders = [claims, { ...scope, type: 'List' }].filter((of) => finds(inside, of));
      assert.ok(holders[0], 'it finds something');
      const steps = plan(inside, holders[0]);
      assert.ok(
        steps.some((step) => step.includes(`COVERING INDEX ${index} (${columns})`)),
        steps.join('\n'),
      );
      assert.ok(steps.some((step) => step.includes('c USING INTEGER PRIMARY KEY (rowid=?)')));
      const scanned = steps.filter((step) => /^SCAN(?! json_each)/.test(step));
      assert.deepEqual(scanned, []);
      const { text, values } = condition(inside, claims);
      const sql = `SELECT r.rid FROM (SELECT ? AS rid) d CROSS JOIN resource r ON r.rid = d.rid WHERE ${text}`;
      const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(1, ...values);
      const tested = rows.map(({ detail }) => String(detail)).join('\n');
      assert.match(tested, /contained_by_container \(container=\? AND param=\?\)/);
      assert.match(tested, /_entry .*\(rid=\? AND param=\?/);
    });
  }

  it('test a candidate among those of one value before its row is looked at', () => {
    const exact: readonly (readonly [Filter, string])[] = [
      [
        { op: 'token', param: 't', code: 'c5', system: 'http://s/5' },
        'token_by_value (param=? AND code=? AND system=? AND rid=?)',
      ],
      [
        { op: 'reference', param: 'r', target: 'Patient/5' },
        'reference_by_target (param=? AND target=? AND rid=?)',
      ],
      [
        { op: 'uri', param: 'u', match: 'exact', value: 'http://u/5' },
        'uri_by_value (param=? AND value=? AND rid=?)',
      ],
    ];
    for (const [filter, index] of exact) {
      const all: Filter[] = [{ op: 'string', param: 's', match: 'exact', value: 'Name 5' }, filter];
      const looking = { statements: new Statements(db), budget: new WorkBudget(db) };
      const driver = chooseDriver(all.slice(0, 1), scope, looking);
      assert.ok(driver);
      const { text, values } = driven(driver, all, scope);
      assert.equal(db.prepare(`SELECT r.rid ${text}`).all(...values).length, 1);
      const rows = db.prepare(`EXPLAIN QUERY PLAN SELECT r.rid ${text}`).all(...values);
      const steps = rows.map(({ detail }) => String(detail));
      const tested = steps.findIndex((step) => step.includes(`COVERING INDEX ${index}`));
      const row = steps.findIndex((step) => step.startsWith('SEARCH r USING INTEGER PRIMARY KEY'));
      assert.ok(tested >= 0 && tested < row, steps.join('\n'));
    }
  });

  it('walk the order of ids by index, and look among those of one value there too', () => {
    const filter: Filter = { op: 'token', param: 't', code: 'c5', system: 'http://s/5' };
    const [source, ...more] = scans([filter], scope, 'id');
    assert.ok(source && more.length === 0);
    const page = pageSql([], source, scope, { backwards: false, from: undefined });
    const found = db.prepare(page.text).all(...page.values, 10);
    assert.deepEqual(
      found.map(({ id }) => id),
      ['5'],
    );
    const rows = db.prepare(`EXPLAIN QUERY PLAN ${page.text}`).all(...page.values, 10);
    const steps = rows.map(({ detail }) => String(detail));
    assert.match(steps[0] ?? '', /^SEARCH r USING INDEX resource_by_id \(type=\?/);
    assert.ok(steps.some((step) => /INDEX token_by_value .*AND rid=\?\)/.test(step)));
    // What the index does not have is asked only of what passed: a subquery, since SQLite asks those last.
    assert.match(page.text, /\) AND \(SELECT r\.deleted\) = 0/);
    assert.ok(!steps.some((step) => step.includes('TEMP B-TREE')), steps.join('\n'));
  });

  it('follow a hierarchy by index, from both of its ends', () => {
    for (const direction of ['below', 'above'] as const) {
      const steps = plan({
        op: 'hierarchy',
        param: 'r',
        type: 'Patient',
        id: '5',
        parent: 'r',
        direction,
        within: { op: 'and', all: [] },
      });
      assert.ok(
        steps.some((step) => /INDEX reference_by_target \(param=\? AND target=\?\)/.test(step)),
      );
      const scanned = steps.filter((step) => /^SCAN(?! (tree|CONSTANT ROW))/.test(step));
      assert.deepEqual(scanned, [], steps.join('\n'));
    }
  });
});
