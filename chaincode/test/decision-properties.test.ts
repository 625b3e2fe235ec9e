import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccessRequest } from '../src/decide/access-request.ts';
import type { CompiledConsent, Provision } from '../src/consent/consent-set.ts';
import type { OverarchingPolicy } from '../src/consent/overarching-policy.ts';
import type { ResidualCriteria } from '../src/decide/decision.ts';
import { decideAccess } from '../src/decide/decide-access.ts';
import { permits, type ResourceFacts } from '../src/decide/evaluate-residual.ts';
import { matchesRequest, namesPatient, type RequestMatch } from '../src/decide/match-request.ts';
import * as arbitrary from './support/arbitraries.ts';
import { CONFIDENTIALITY } from './support/requests.ts';

const CUSTODIAN = 'HospitalMSP';
const CHANGES = ['collect', 'correct'];

interface Case {
  readonly request: AccessRequest;
  readonly consents: readonly CompiledConsent[];
  readonly policy: OverarchingPolicy | undefined;
  readonly resource: ResourceFacts;
  readonly at: string;
}

const cases: fc.Arbitrary<Case> = fc.record({
  request: arbitrary.request,
  consents: arbitrary.compiledConsents,
  policy: arbitrary.policy,
  resource: arbitrary.resourceFacts,
  at: fc.constantFrom(...arbitrary.DAYS),
});

function released({ request, consents, policy, resource, at }: Case): boolean {
  const decision = decideAccess({
    request,
    consents: { consents },
    policy,
    custodian: CUSTODIAN,
    at,
  });
  return decision.outcome === 'permit' && permits(decision.residual, resource);
}

/** The semantics in one go, request and resource together, without partial evaluation. */
function oracle(given: Case): boolean {
  const outcomes = given.consents.flatMap((consent) => {
    if (consent.status !== 'active' || (consent.dateTime ?? '') > given.at) return [];
    const effect = consent.provision?.type ?? consent.policyRule ?? 'deny';
    const root = consent.provision ?? { exceptions: [] };
    const own = isOwn(given);
    const staff = own && ['practitioner', 'system', 'admin'].includes(given.request.actor.role);
    return judge(root, { ...given, effect, named: false, own, staff, acts: false, around: [] });
  });
  if (outcomes.length > 0) return !outcomes.includes('deny');
  return released({ ...given, consents: [] });
}

function isOwn({ request: { actor }, policy }: Case): boolean {
  return actor.msp === CUSTODIAN && actor.organization === policy?.organization;
}

type Judged = Case &
  RequestMatch & {
    /** Criteria on resources of the rules around that are not about the request, the innermost first. */
    readonly around: readonly ResidualCriteria[];
  };

/** What the rule says, or instead of it, where it is about seeing only, what its exceptions say. */
function judge(rule: Provision, now: Judged): readonly ('permit' | 'deny')[] {
  if (!matchesRequest(rule, now)) return [];
  const named = now.named || namesPatient(rule, now.request);
  const acts = now.acts || rule.actions !== undefined;
  const writes = CHANGES.includes(now.request.action);
  const aside = now.effect === 'deny' && now.staff && writes && !acts;
  const inside = (around: Judged['around']): readonly ('permit' | 'deny')[] =>
    rule.exceptions.flatMap((exception) =>
      judge(exception, { ...now, named, acts, effect: exception.type ?? 'deny', around }),
    );
  if (aside) return inside([criteriaOf(rule), ...now.around]);
  const criteria = joined(criteriaOf(rule), now);
  if (criteria === undefined || !matchesResource(criteria, now.effect, now.resource)) return [];
  const deeper = inside([]);
  if (deeper.length === 0) return [now.effect];
  return [deeper.includes('deny') ? 'deny' : 'permit'];
}

/** What both ask; where both ask of one thing a permit is lost, and a deny has its own criteria. */
function joined(own: ResidualCriteria, { around, effect }: Judged): ResidualCriteria | undefined {
  let all: ResidualCriteria | undefined = own;
  for (const outer of around) {
    const both = Object.keys(outer).some((name) => all !== undefined && name in all);
    if (!both) all = all && { ...outer, ...all };
    else if (effect === 'permit') all = undefined;
  }
  return all;
}

function criteriaOf({ labels, codes, dataPeriod, data }: Provision): ResidualCriteria {
  return arbitrary.plain({ labels, codes, dataPeriod, data }) as ResidualCriteria;
}

/** One rule on one resource: a rule of the same effect inside the opposite one shows whether it matches. */
function matchesResource(
  when: ResidualCriteria,
  effect: 'permit' | 'deny',
  resource: ResourceFacts,
): boolean {
  const opposite = effect === 'permit' ? 'deny' : 'permit';
  const out = permits(
    [{ effect: opposite, exceptions: [{ effect, when, exceptions: [] }] }],
    resource,
  );
  return effect === 'permit' ? out : !out;
}

const RUNS = { numRuns: 3000 };

describe('decisions', () => {
  it('partial evaluation and residual filters together are the whole evaluation', () => {
    let out = 0;
    fc.assert(
      fc.property(cases, (given) => {
        const expected = oracle(given);
        if (expected) out += 1;
        assert.equal(released(given), expected);
      }),
      RUNS,
    );
    assert.ok(out > 300, `only ${out} cases were permitted: the generator is too strict`);
  });

  it('a childless deny added anywhere never turns a deny into a permit', () => {
    fc.assert(
      fc.property(cases, arbitrary.childless, fc.nat(20), (given, rule, place) => {
        const deny: Provision = { ...rule, type: 'deny' };
        const consents = addDeny(given.consents, deny, place);
        if (released({ ...given, consents })) assert.ok(released(given));
      }),
      RUNS,
    );
  });

  it('narrowing a childless permit never widens', () => {
    fc.assert(
      fc.property(cases, arbitrary.childless, arbitrary.childless, (given, wide, extra) => {
        const permit: Provision = { ...wide, type: 'permit' };
        const narrower: Provision = { ...extra, ...permit };
        // To name another patient is no narrowing: a permit for everybody does not mean her.
        fc.pre(wide.actors !== undefined || !namesPatient(narrower, given.request));
        // Nor to name an action that changes data: a permit that names none does not mean it for others.
        const names = narrower.actions?.some((action) => CHANGES.includes(action)) ?? false;
        fc.pre(wide.actions !== undefined || !names);
        const withRule = (provision: Provision): Case => ({
          ...given,
          consents: [
            ...given.consents,
            { id: 'Consent/z', version: 1, status: 'active', provision },
          ],
        });
        if (released(withRule(narrower))) assert.ok(released(withRule(permit)));
      }),
      RUNS,
    );
  });

  it('the order of consents and of siblings does not matter', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const reversed = given.consents.toReversed().map((consent) => ({
          ...consent,
          ...(consent.provision === undefined ? {} : { provision: mirror(consent.provision) }),
        }));
        assert.equal(released({ ...given, consents: reversed }), released(given));
      }),
      RUNS,
    );
  });

  it('nothing is released on the strength of a consent that was revoked', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom('inactive' as const, 'rejected' as const),
        (given, status) => {
          const consents = given.consents.map((consent) => ({ ...consent, status }));
          const nobody: OverarchingPolicy = {
            version: 1,
            implicit: 'deny',
            organization: 'Organization/hospital',
          };
          assert.equal(released({ ...given, consents, policy: nobody }), false);
          assert.equal(released({ ...given, consents }), released({ ...given, consents: [] }));
        },
      ),
      RUNS,
    );
  });

  it('without consents, restricted data never goes out', () => {
    const restricted = { system: CONFIDENTIALITY, code: 'R' };
    fc.assert(
      fc.property(cases, (given) => {
        const resource = { ...given.resource, labels: [...given.resource.labels, restricted] };
        assert.equal(released({ ...given, resource, consents: [] }), false);
      }),
      RUNS,
    );
  });

  it('names what it rests on, sorted, each once', () => {
    fc.assert(
      fc.property(cases, ({ request, consents, policy, at }) => {
        const { basis } = decideAccess({
          request,
          consents: { consents },
          policy,
          custodian: CUSTODIAN,
          at,
        });
        assert.deepEqual(basis, [...new Set(basis)].sort());
      }),
      RUNS,
    );
  });
});

function mirror(rule: Provision): Provision {
  return { ...rule, exceptions: rule.exceptions.map(mirror).toReversed() };
}

/** Puts the rule into the tree of one of the consents, or beside them as a consent of its own. */
function addDeny(
  consents: readonly CompiledConsent[],
  deny: Provision,
  place: number,
): readonly CompiledConsent[] {
  const target = place % (consents.length + 1);
  if (target === consents.length) {
    return [...consents, { id: 'Consent/z', version: 1, status: 'active', provision: deny }];
  }
  return consents.map((consent, i) =>
    i === target && consent.provision !== undefined
      ? { ...consent, provision: insert(consent.provision, deny, Math.floor(place / 4)) }
      : consent,
  );
}

function insert(rule: Provision, deny: Provision, place: number): Provision {
  const at = place % (rule.exceptions.length + 1);
  if (at === rule.exceptions.length) return { ...rule, exceptions: [...rule.exceptions, deny] };
  return {
    ...rule,
    exceptions: rule.exceptions.map((exception, i) =>
      i === at ? insert(exception, deny, Math.floor(place / 2)) : exception,
    ),
  };
}
