import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { covers, parseScope, parseScopes, type Scope } from '../../src/auth/scopes.ts';

const shown = (scope: Scope | undefined): unknown =>
  scope === undefined
    ? undefined
    : [scope.context, scope.type, [...scope.permissions].join(''), scope.query];

describe('parseScopes', () => {
  const forms: Record<string, unknown> = {
    'patient/Observation.rs': ['patient', 'Observation', 'rs', ''],
    'user/*.cruds': ['user', '*', 'cruds', ''],
    'system/Patient.c': ['system', 'Patient', 'c', ''],
    'patient/*.read': ['patient', '*', 'rs', ''],
    'patient/Observation.write': ['patient', 'Observation', 'cud', ''],
    'system/*.*': ['system', '*', 'cruds', ''],
    'user/Observation.rs?category=http://x.example|laboratory': [
      'user',
      'Observation',
      'rs',
      'category=http://x.example|laboratory',
    ],
    'user/Observation.rs?category=a&code=b,c': ['user', 'Observation', 'rs', 'category=a&code=b,c'],
  };
  for (const [text, expected] of Object.entries(forms)) {
    it(`reads ${text}`, () => assert.deepEqual(shown(parseScope(text)), expected));
  }

  it('reads nothing out of what is not a well-formed resource scope', () => {
    for (const text of [
      ...['', ' ', 'openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'patient'],
      ...['patient/', 'patient/.rs', 'patient/*', 'patient/*.', 'patient/*.x', 'patient/*.dus.'],
      ...['patient/*.sr', 'patient/*.dc', 'patient/*.rr', 'patient/*.CRUDS', 'patient/*.readwrite'],
      ...['patient/*.read?category=a', 'patient/*.*?category=a', 'patient/**.rs', 'patient/*a.rs'],
      ...['patient/observation.rs', 'Patient/Observation.rs', 'group/*.rs', 'patients/*.rs'],
      ...[
        'patient/Observation.rs?',
        'patient/Observation.rs?category',
        'patient/Observation.rs?=a',
      ],
      ...[
        'patient/Observation.rs?category=',
        'patient/Observation.rs?a=b&',
        'patient/Observation.rs?&a=b',
      ],
      ...[
        'patient/Observation.rs?a=b=c',
        'patient/Observation.rs?a=b?c=d',
        'patient/Observation.rs?a=b#c',
      ],
      ...[
        'xpatient/*.rs',
        'patient/*.rs\n',
        '\npatient/*.rs',
        'patient/Observation%2f.rs',
        'patient/../*.rs',
      ],
      ...['patient/*.rs?a=b\nc', 'patient\\*.rs', 'patient/__proto__.rs', 'patient/*.constructor'],
    ]) {
      assert.equal(parseScope(text), undefined, JSON.stringify(text));
      assert.deepEqual(parseScopes(`${text} user/Patient.r`).map(shown).at(-1), [
        'user',
        'Patient',
        'r',
        '',
      ]);
      assert.equal(parseScopes(text).length, 0, JSON.stringify(text));
    }
  });

  it('reads letters exactly when they are an ordered subset of cruds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('c', 'r', 'u', 'd', 's', 'x'), { maxLength: 6 }),
        (letters) => {
          const ordered = letters.every(
            (letter, i) =>
              i === 0 || 'cruds'.indexOf(letters[i - 1] ?? '') < 'cruds'.indexOf(letter),
          );
          const legal = ordered && letters.length > 0 && !letters.includes('x');
          assert.equal(parseScope(`user/*.${letters.join('')}`) !== undefined, legal);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never makes more of a text than the words in it', () => {
    const noise = fc.stringMatching(/^[a-zA-Z/.*? =&-]{0,40}$/);
    fc.assert(
      fc.property(noise, (text) => {
        for (const scope of parseScopes(text)) {
          const words = text
            .split(' ')
            .filter((word) => word.startsWith(`${scope.context}/${scope.type}.`));
          assert.ok(words.length > 0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('covers', () => {
  const scope = fc
    .record({
      context: fc.constantFrom('patient' as const, 'user' as const, 'system' as const),
      type: fc.constantFrom('*', 'Observation', 'Patient'),
      letters: fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }),
      query: fc.subarray(['category=a', 'code=b', 'status=c']),
    })
    .map(({ context, type, letters, query }) => {
      const text = `${context}/${type}.${letters.join('')}${query.length > 0 ? `?${query.join('&')}` : ''}`;
      const parsed = parseScope(text);
      assert.ok(parsed);
      return parsed;
    });

  it('is reflexive and transitive', () => {
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        assert.ok(covers(a, a));
        if (covers(a, b) && covers(b, c)) assert.ok(covers(a, c));
      }),
      { numRuns: 5000 },
    );
  });

  it('never covers another context, a wider type, more letters or fewer criteria', () => {
    fc.assert(
      fc.property(scope, scope, (granted, asked) => {
        if (!covers(granted, asked)) return;
        assert.equal(granted.context, asked.context);
        assert.ok(granted.type === '*' || granted.type === asked.type);
        for (const letter of asked.permissions) assert.ok(granted.permissions.has(letter));
        const criteria = granted.query === '' ? [] : granted.query.split('&');
        for (const criterion of criteria) assert.ok(asked.query.split('&').includes(criterion));
      }),
      { numRuns: 5000 },
    );
  });
});
