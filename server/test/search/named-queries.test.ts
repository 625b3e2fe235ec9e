import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { expand } from '../../src/search/named/expand.ts';
import { readNamedQuery, type NamedQuery } from '../../src/search/named/named-query.ts';
import { fill, parseTemplate } from '../../src/search/named/query-template.ts';
import { splitAt, unescapeValue } from '../../src/search/parse/value-text.ts';
import { hostileValues } from '../support/hostile-values.ts';
import { assertHarmless } from '../support/hostile-queries.ts';
import { namedQuery, parameter } from '../support/named-query.ts';
import { BASE, r4 } from '../support/r4.ts';

const escaped = (text: string): string => text.replace(/[\\,|$]/g, String.raw`\$&`);
const text = fc.string({ unit: 'grapheme' });
const name = fc.stringMatching(/^[a-z]{1,8}(:[a-z]{1,5})?$/);

describe('the criteria of a named query', () => {
  it('without variables are those of the same URL', () => {
    const pairs = fc.array(
      fc.tuple(
        name,
        text.filter((value) => value !== ''),
      ),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(pairs, (wanted) => {
        fc.pre(wanted.length <= 64);
        const url = new URLSearchParams(wanted).toString();
        const { criteria } = parseTemplate(`Patient?${url}`);
        const found = criteria.map((each) => [each.name, fill(each, new Map())]);
        assert.deepEqual(found, wanted);
      }),
    );
  });

  it('hold a value as text between other text, whatever it is', () => {
    // Separators of every kind, escaped or not, around the value.
    const around = fc
      .array(fc.constantFrom(',', '|', '$', '\\,', '\\|', '\\\\', 'a', ' '))
      .map((parts) => parts.join(''));
    const value = fc.oneof(
      text,
      fc
        .array(fc.constantFrom('\\', ',', '|', '$', '&', '=', '{{%p}}', 'a'))
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(around, value, around, (before, inside, after) => {
        fc.pre(before !== '' || after !== '');
        const url = `code=${encodeURIComponent(before)}{{%p}}${encodeURIComponent(after)}`;
        const [template] = parseTemplate(url).criteria;
        assert.ok(template);
        const filled = fill(template, new Map([['p', escaped(inside)]]));
        for (const separator of [',', '|', '$']) {
          const parts = (all: string) => splitAt(all, separator).length;
          assert.equal(parts(filled), parts(`${before}${after}`), separator);
        }
        assert.ok(filled.startsWith(before) && filled.endsWith(after));
        const middle = filled.slice(before.length, filled.length - after.length);
        assert.equal(unescapeValue(middle), inside);
      }),
    );
  });

  it('have no variable that a backslash before it could change', () => {
    for (const value of ['a\\{{%p}}', '{{%p}}\\{{%q}}', 'a%5C{{%p}}', '\\\\\\{{%p}}']) {
      assert.throws(() => parseTemplate(`code=${value}`), /backslash/);
    }
    assert.doesNotThrow(() => parseTemplate('code=a\\\\{{%p}}\\,b'));
  });

  it('are read in no time, however they are written', () => {
    for (const unit of ['{', '{{', '}}', '{{%', '&', '=', '%', '{{%a}}', '`', ' ']) {
      const started = performance.now();
      for (const length of [8_000, 1_000_000]) {
        try {
          parseTemplate(`code=${unit.repeat(length / unit.length)}`);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, String(error));
        }
      }
      assert.ok(performance.now() - started < 100, unit);
    }
  });
});

const queryOf = (expression: string): NamedQuery => {
  const read = readNamedQuery(namedQuery('q', expression, { parameter: [parameter('p')] }));
  assert.ok(read && 'query' in read);
  return read.query;
};

describe('hostile values of a named query', () => {
  it('are refused or become plain data, in a criterion or as one', () => {
    const understood = { yes: 0, no: 0 };
    for (const expression of [
      'code=http://loinc.org|{{%p}}',
      'code={{%p}}',
      'subject:Patient.name={{%p}}',
      'value-quantity=gt{{%p}}|http://unitsofmeasure.org|kg',
      'date=ge{{%p}}',
      '_filter={{%p}}',
    ]) {
      const query = queryOf(expression);
      for (const value of hostileValues()) {
        const meant = attempt(() =>
          expand(query, [
            ['_query', 'q'],
            ['p', value],
          ]),
        );
        const [pair] = meant?.parameters ?? [];
        const target = { type: 'Observation', name: pair?.[0] ?? '' };
        understood[pair && assertHarmless(r4, target, pair[1]) ? 'yes' : 'no'] += 1;
      }
    }
    assert.ok(understood.yes > 300 && understood.no > 300, JSON.stringify(understood));
  });

  it('of the name are refused by name', () => {
    for (const value of hostileValues().filter((each) => each !== '')) {
      assert.throws(
        () =>
          r4.parseSearch('Observation', [['_query', value]], { handling: 'lenient', base: BASE }),
        /_query/,
      );
    }
  });
});

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    assert.match(String(error), /one value|twice/);
    return undefined;
  }
}
