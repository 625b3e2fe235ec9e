import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Role } from '@chartseal/chaincode';
import { allows } from '../../src/auth/authorize.ts';
import type { Principal } from '../../src/auth/principal.ts';
import { parseScopes, type Permission } from '../../src/auth/scopes.ts';
import { matches } from '../../src/search/matches.ts';
import type { Filter } from '../../src/search/query.ts';
import { r4 } from '../support/r4.ts';

function principal(scope: string, who: { role?: Role; patient?: string } = {}): Principal {
  return {
    client: 'app',
    subject: 'somebody',
    role: 'practitioner',
    msp: 'HospitalMSP',
    organization: 'Organization/hospital',
    scopes: parseScopes(scope),
    purposes: ['TREAT'],
    expires: 0,
    ...who,
  };
}

/** Whether a scope's query leaves a resource, judged as a search judges it. */
const leaves = (query: Filter, resource: object, ...patients: readonly string[]): boolean =>
  matches({ id: 'x', lastUpdated: 0, patients, index: r4.indexEntries(resource) }, query);

describe('allows', () => {
  it('allows what a scope names and nothing else', () => {
    const caller = principal('user/Observation.rs system/Patient.c');
    assert.deepEqual(allows(caller, 'Observation', 'r'), {
      allowed: true,
      patientOnly: undefined,
      queries: [],
    });
    assert.equal(allows(caller, 'Observation', 's').allowed, true);
    assert.equal(allows(caller, 'Observation', 'u').allowed, false);
    assert.equal(allows(caller, 'Patient', 'c').allowed, true);
    assert.equal(allows(caller, 'Patient', 'r').allowed, false);
    assert.equal(allows(principal('openid'), 'Patient', 'r').allowed, false);
  });

  it("keeps patient scopes to the token's patient", () => {
    const caller = principal('patient/*.rs', { role: 'patient', patient: 'Patient/demo-a' });
    assert.deepEqual(allows(caller, 'Observation', 's'), {
      allowed: true,
      patientOnly: 'demo-a',
      queries: [],
    });
    assert.equal(allows(principal('patient/*.rs'), 'Observation', 's').allowed, false);
    const launched = principal('patient/*.rs', { patient: 'Patient/demo-b' });
    const bounds = allows(launched, 'Observation', 's');
    assert.equal(bounds.allowed && bounds.patientOnly, 'demo-b');
  });

  it('keeps a patient to the own data whatever the scopes say', () => {
    for (const scope of ['user/*.cruds', 'system/*.cruds', 'user/*.rs patient/*.rs']) {
      const own = allows(
        principal(scope, { role: 'patient', patient: 'Patient/demo-a' }),
        'Observation',
        'r',
      );
      assert.equal(own.allowed && own.patientOnly, 'demo-a');
      assert.equal(
        allows(principal(scope, { role: 'patient' }), 'Observation', 'r').allowed,
        false,
      );
      assert.equal(
        allows(principal(scope.replace('patient/', 'user/')), 'Observation', 'r').allowed,
        true,
      );
    }
  });

  it('leaves only what a query names', () => {
    const bounds = allows(
      principal('user/Observation.rs?category=http://x.example|laboratory'),
      'Observation',
      's',
    );
    assert.ok(bounds.allowed);
    const [query, ...more] = bounds.queries;
    assert.ok(query);
    assert.equal(more.length, 0);
    const coded = (system: string | undefined, code: string) =>
      leaves(
        query,
        { resourceType: 'Observation', category: [{ coding: [{ system, code }] }] },
        'demo-a',
      );
    assert.equal(coded('http://x.example', 'laboratory'), true);
    assert.equal(coded('http://x.example', 'vital-signs'), false);
    assert.equal(coded('http://y.example', 'laboratory'), false);
    assert.equal(coded(undefined, 'laboratory'), false);
    assert.equal(leaves(query, { resourceType: 'Observation' }, 'demo-a'), false);
    assert.equal(leaves(query, {}), false);
    assert.deepEqual(query, {
      op: 'and',
      all: [
        {
          op: 'or',
          any: [{ op: 'token', param: 'category', system: 'http://x.example', code: 'laboratory' }],
        },
      ],
    });
  });

  it('reads alternatives, several criteria, and values that are codes, identifiers or tags', () => {
    const holds = (query: string, resource: object): boolean => {
      const bounds = allows(principal(`user/Condition.r?${query}`), 'Condition', 'r');
      assert.ok(bounds.allowed && bounds.queries.length === 1);
      const whole = { resourceType: 'Condition', ...resource };
      return bounds.queries.every((each) => leaves(each, whole));
    };
    const coding = (code: string, system = 's') => ({ coding: [{ system, code }] });
    assert.ok(holds('category=a,b', { category: coding('b') }));
    assert.ok(!holds('category=a,b', { category: coding('c') }));
    const report = (status: string) => ({
      resourceType: 'DiagnosticReport',
      category: [coding('a')],
      status,
    });
    assert.ok(holds('category=a&status=final', report('final')));
    assert.ok(!holds('category=a&status=final', report('partial')));
    assert.ok(!holds('status=http://x|final', report('final')));
    assert.ok(holds('clinical-status=active', { clinicalStatus: coding('active') }));
    assert.ok(holds('identifier=s|1', { identifier: [{ system: 's', value: '1' }] }));
    assert.ok(holds('identifier=s|', { identifier: [{ system: 's', value: '2' }] }));
    assert.ok(holds('code=|a', { code: { coding: [{ code: 'a' }] } }));
    assert.ok(!holds('code=|a', { code: coding('a') }));
    assert.ok(holds('_tag=t', { meta: { tag: [{ system: 's', code: 't' }] } }));
    assert.ok(holds('_security=s%7Ct', { meta: { security: [{ system: 's', code: 't' }] } }));
    assert.ok(!holds('_tag=t', { meta: { security: [{ code: 't' }] } }));
  });

  it('lets nothing through a query that it does not understand', () => {
    const resource = {
      resourceType: 'Condition',
      category: [{ coding: [{ code: 'a' }] }],
      constructor: 'a',
    };
    for (const query of [
      ...[
        'category:not=a',
        'category:in=a',
        'subject.name=a',
        'date=a',
        '_has:x=a',
        'constructor=a',
      ],
      ...[
        '__proto__=a',
        'category=a\\,b',
        'category=%',
        'category=|',
        'category=a|b|c',
        'category=a,',
      ],
      ...['category=a&nonsense=b'],
    ]) {
      const bounds = allows(principal(`user/Condition.r?${query}`), 'Condition', 'r');
      assert.ok(bounds.allowed);
      assert.equal(bounds.queries.length, 1, query);
      assert.equal(
        bounds.queries.every((each) => leaves(each, resource)),
        false,
        query,
      );
      assert.deepEqual(bounds.queries[0], { op: 'or', any: [] }, query);
    }
  });

  it('is the union of its scopes, whatever their mix', () => {
    const scopeText = fc
      .record({
        context: fc.constantFrom('patient', 'user', 'system'),
        type: fc.constantFrom('*', 'Observation', 'Condition'),
        letters: fc.constantFrom('r', 'rs', 'cruds', 'cu', 'read', 'write', '*', 'sr'),
        query: fc.constantFrom('', '', '?category=a', '?category=b', '?category:not=a'),
      })
      .map(({ context, type, letters, query }) => `${context}/${type}.${letters}${query}`);
    const request = fc.record({
      scopes: fc.array(scopeText, { maxLength: 4 }),
      role: fc.constantFrom<Role>('practitioner', 'patient', 'system'),
      patient: fc.constantFrom('Patient/p', undefined),
      type: fc.constantFrom('Observation', 'Condition'),
      permission: fc.constantFrom<Permission>('c', 'r', 'u', 'd', 's'),
      category: fc.constantFrom('a', 'b', 'c'),
      of: fc.constantFrom([], ['p'], ['q'], ['p', 'q']),
    });
    fc.assert(
      fc.property(request, ({ scopes, role, patient, type, permission, category, of }) => {
        const caller = principal(scopes.join(' '), {
          role,
          ...(patient === undefined ? {} : { patient }),
        });
        const bounds = allows(caller, type, permission);
        const resource = { resourceType: type, category: [{ coding: [{ code: category }] }] };
        const permitted =
          bounds.allowed &&
          (bounds.patientOnly === undefined || of.every((each) => each === bounds.patientOnly)) &&
          bounds.queries.every((query) => leaves(query, resource, ...of));
        const expected = scopes.some((text) =>
          reference(text, { role, patient, type, permission, category, of }),
        );
        assert.equal(permitted, expected);
      }),
      { numRuns: 20_000 },
    );
  });
});

interface Request {
  readonly role: Role;
  readonly patient: string | undefined;
  readonly type: string;
  readonly permission: Permission;
  readonly category: string;
  readonly of: readonly string[];
}

/** Written apart, straight from the specification: does this one scope allow this request on this resource? */
function reference(text: string, request: Request): boolean {
  const [path = '', query] = text.split('?');
  const [context, rest = ''] = path.split('/');
  const [type, letters = ''] = rest.split('.');
  if (query !== undefined && ['read', 'write', '*'].includes(letters)) return false;
  const v1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };
  const allowed = letters === 'sr' ? '' : (v1[letters] ?? letters);
  if (!allowed.includes(request.permission)) return false;
  if (type !== '*' && type !== request.type) return false;
  if (context === 'patient' || request.role === 'patient') {
    if (request.patient === undefined) return false;
    if (!request.of.every((each) => `Patient/${each}` === request.patient)) return false;
  }
  return query === undefined || query === `category=${request.category}`;
}
