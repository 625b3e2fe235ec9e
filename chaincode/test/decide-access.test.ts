import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { AccessRequest } from '../src/decide/access-request.ts';
import type { CompiledConsent, Provision } from '../src/consent/consent-set.ts';
import type { OverarchingPolicy } from '../src/consent/overarching-policy.ts';
import { decideAccess } from '../src/decide/decide-access.ts';
import type { Decision } from '../src/decide/decision.ts';
import { permits, type ResourceFacts } from '../src/decide/evaluate-residual.ts';
import { AT, BASIC } from './support/ledger.ts';
import {
  ACT_CODE,
  actor,
  ADMIN,
  ask,
  CONFIDENTIALITY,
  consent,
  DOCTOR,
  facts,
  NORMAL,
  OTHER_DOCTOR,
  PATIENT,
  PHARMACIST,
  RESTRICTED,
  setOf,
  SYSTEM,
} from './support/requests.ts';

interface Given {
  readonly request: AccessRequest;
  readonly consents?: readonly CompiledConsent[];
  readonly policy?: OverarchingPolicy | undefined;
  readonly resource?: ResourceFacts;
  readonly at?: string;
}

function decide(given: Given): Decision {
  return decideAccess({
    request: given.request,
    consents: given.consents === undefined ? undefined : setOf(...given.consents),
    policy: 'policy' in given ? given.policy : BASIC,
    custodian: 'HospitalMSP',
    at: given.at ?? AT,
  });
}

/** Whether a resource (a plain one of normal confidentiality) goes out. */
function released(given: Given): boolean {
  const { outcome, residual } = decide(given);
  return outcome === 'permit' && permits(residual, given.resource ?? NORMAL);
}

const DENY_ALL: OverarchingPolicy = { ...BASIC, implicit: 'deny' };
const PHARMACY_ACTOR = { actors: [{ reference: 'Organization/pharmacy' }] };

/** Under a policy that permits nothing, so that only the consent can. */
function grants(provision: Partial<Provision>, request: AccessRequest, resource = NORMAL): boolean {
  return released({
    request,
    resource,
    consents: [consent('c', { type: 'permit', ...provision })],
    policy: DENY_ALL,
  });
}

/** Beside a consent that permits everything, so that only this exception can refuse. */
function refuses(
  provision: Partial<Provision>,
  request: AccessRequest,
  resource = NORMAL,
): boolean {
  const exception: Provision = { type: 'deny', exceptions: [], ...provision };
  return !grants({ exceptions: [exception] }, request, resource);
}

describe('a permit covers what it names and nothing else', () => {
  const period = { start: '2026-01-01T00:00:00.000Z', end: '2026-11-21T09:00:00.000Z' };
  const cases: readonly [string, Partial<Provision>, AccessRequest, AccessRequest][] = [
    ['organization', PHARMACY_ACTOR, ask(PHARMACIST), ask(DOCTOR)],
    [
      'practitioner',
      { actors: [{ reference: 'Practitioner/doctor' }] },
      ask(DOCTOR),
      ask(OTHER_DOCTOR),
    ],
    [
      'patient',
      { actors: [{ reference: 'Patient/demo-a' }] },
      ask(PATIENT),
      ask({ ...PATIENT, patient: 'Patient/demo-b' }),
    ],
    ['action', { actions: ['access', 'use'] }, ask(DOCTOR), ask(DOCTOR, { action: 'correct' })],
    [
      'reading only, where no action is named',
      {},
      ask(PHARMACIST),
      ask(PHARMACIST, { action: 'correct' }),
    ],
    [
      'an action that changes data, where it is named',
      { actions: ['correct'] },
      ask(PHARMACIST, { action: 'correct' }),
      ask(PHARMACIST),
    ],
    [
      'class',
      { classes: ['MedicationRequest'] },
      ask(DOCTOR),
      ask(DOCTOR, { class: 'Observation' }),
    ],
    ['purpose', { purposes: ['TREAT'] }, ask(DOCTOR), ask(DOCTOR, { purposes: ['HRESCH'] })],
    [
      'descendants of a purpose',
      { purposes: ['TREAT'] },
      ask(DOCTOR, { purposes: ['ETREAT'] }),
      ask(DOCTOR, { purposes: ['PurposeOfUse'] }),
    ],
    [
      'every purpose asked for',
      { purposes: ['TREAT', 'HPAYMT'] },
      ask(DOCTOR, { purposes: ['TREAT', 'COVAUTH'] }),
      ask(DOCTOR, { purposes: ['TREAT', 'HMARKT'] }),
    ],
    [
      'everybody but other patients',
      {},
      ask(actor('researcher', 'InsurerMSP')),
      ask({ ...PATIENT, patient: 'Patient/demo-b' }),
    ],
    [
      'the conjunction of its elements',
      { ...PHARMACY_ACTOR, classes: ['MedicationRequest'], period },
      ask(PHARMACIST),
      ask(PHARMACIST, { class: 'Observation' }),
    ],
    [
      'an actor as a user of data',
      { actors: [{ role: { code: 'IRCP' }, reference: 'Organization/pharmacy' }] },
      ask(PHARMACIST),
      ask(DOCTOR),
    ],
  ];
  for (const [what, provision, inside, outside] of cases) {
    it(what, () => {
      assert.equal(grants(provision, inside), true, 'inside');
      assert.equal(grants(provision, outside), false, 'outside');
      assert.equal(grants({}, { ...outside, actor: DOCTOR }), true, 'control: an open permit');
    });
  }

  it('an organization without the patients whose account it keeps', () => {
    const hospital = { actors: [{ reference: 'Organization/hospital' }] };
    const stranger = ask({ ...PATIENT, patient: 'Patient/demo-b' });
    assert.equal(grants(hospital, stranger), false);
    const root: Partial<Provision> = {
      ...hospital,
      type: 'deny',
      exceptions: [{ type: 'permit', exceptions: [] }],
    };
    assert.equal(
      grants(root, stranger),
      false,
      'nor by an exception to what denies the organization',
    );
    assert.equal(grants(root, ask(DOCTOR)), true);
  });

  it('not an actor in the role of an author', () => {
    const author = { actors: [{ role: { code: 'AUT' }, reference: 'Organization/pharmacy' }] };
    assert.equal(grants(author, ask(PHARMACIST)), false);
    assert.equal(grants(PHARMACY_ACTOR, ask(PHARMACIST)), true);
  });

  it('within its period, both ends included', () => {
    const judged = (at: string): boolean =>
      released({
        request: ask(PHARMACIST),
        consents: [consent('c', { type: 'permit', period })],
        policy: DENY_ALL,
        at,
      });
    assert.deepEqual(
      ['2025-12-31T23:59:59.999Z', period.start, period.end, '2026-11-21T09:00:00.001Z'].map(
        judged,
      ),
      [false, true, true, false],
    );
  });
});

describe('a deny covers all it may concern', () => {
  it('any one of several purposes, also a more general one', () => {
    const noResearch = { purposes: ['HRESCH'] };
    assert.equal(refuses(noResearch, ask(DOCTOR, { purposes: ['TREAT', 'CLINTRCH'] })), true);
    assert.equal(refuses(noResearch, ask(DOCTOR, { purposes: ['PurposeOfUse'] })), true);
    assert.equal(refuses(noResearch, ask(DOCTOR)), false);
  });

  it('an actor in whatever role', () => {
    const author = { actors: [{ role: { code: 'AUT' }, reference: 'Practitioner/other-doctor' }] };
    assert.equal(refuses(author, ask(OTHER_DOCTOR)), true);
    assert.equal(refuses(author, ask(DOCTOR)), false);
  });
});

describe('when a consent applies', () => {
  const grant = { type: 'permit', ...PHARMACY_ACTOR } as const;
  const judge = (more: Partial<CompiledConsent>): boolean =>
    released({ request: ask(PHARMACIST), consents: [consent('c', grant, more)] });

  it('only while active', () => {
    assert.equal(judge({}), true);
    for (const status of [
      'draft',
      'proposed',
      'rejected',
      'inactive',
      'entered-in-error',
    ] as const) {
      assert.equal(judge({ status }), false, status);
    }
  });

  it('from its dateTime on', () => {
    assert.equal(judge({ dateTime: AT }), true);
    assert.equal(judge({ dateTime: '2026-11-21T09:00:00.001Z' }), false);
  });

  it('takes the root type, else the policy rule, else denies', () => {
    const who = ask(DOCTOR);
    const outcome = (more: Partial<CompiledConsent>): string =>
      decide({ request: who, consents: [consent('c', undefined, more)] }).outcome;
    assert.equal(outcome({}), 'deny');
    assert.equal(outcome({ policyRule: 'permit' }), 'permit');
    assert.equal(outcome({ policyRule: 'deny' }), 'deny');
    assert.equal(
      outcome({ policyRule: 'permit', provision: { type: 'deny', exceptions: [] } }),
      'deny',
    );
    assert.equal(
      outcome({ policyRule: 'deny', provision: { type: 'permit', exceptions: [] } }),
      'permit',
    );
  });

  it('falls to the policy where the root does not match, rather than denying', () => {
    const elsewhere = consent('c', {
      type: 'deny',
      actors: [{ reference: 'Practitioner/other-doctor' }],
    });
    assert.equal(released({ request: ask(DOCTOR), consents: [elsewhere] }), true);
    assert.equal(released({ request: ask(OTHER_DOCTOR), consents: [elsewhere] }), false);
  });

  it('lets deny win across consents', () => {
    const deny = consent('d', { type: 'deny', classes: ['MedicationRequest'] });
    const permit = consent('p', { type: 'permit' });
    const decision = decide({ request: ask(DOCTOR), consents: [permit, deny] });
    assert.deepEqual(decision, {
      outcome: 'deny',
      reason: 'consent-deny',
      basis: ['Consent/d@1'],
      residual: [],
    });
    assert.equal(
      released({ request: ask(DOCTOR, { class: 'Observation' }), consents: [permit, deny] }),
      true,
    );
  });
});

describe('exceptions', () => {
  const rule = (
    type: 'permit' | 'deny',
    criteria: Partial<Provision>,
    ...exceptions: Provision[]
  ): Provision => ({
    type,
    ...criteria,
    exceptions,
  });
  const toClass = (name: string): Partial<Provision> => ({ classes: [name] });

  it('let the deepest matching rule decide', () => {
    const root = {
      exceptions: [
        rule(
          'deny',
          PHARMACY_ACTOR,
          rule('permit', toClass('MedicationRequest'), rule('deny', { purposes: ['HMARKT'] })),
        ),
      ],
    };
    assert.equal(grants(root, ask(DOCTOR)), true);
    assert.equal(grants(root, ask(PHARMACIST, { class: 'Observation' })), false);
    assert.equal(grants(root, ask(PHARMACIST)), true);
    assert.equal(grants(root, ask(PHARMACIST, { purposes: ['HMARKT'] })), false);
  });

  it('let deny win among siblings, in any order', () => {
    const siblings = [rule('permit', toClass('MedicationRequest')), rule('deny', PHARMACY_ACTOR)];
    for (const exceptions of [siblings, siblings.toReversed()]) {
      const root = { type: 'deny' as const, exceptions };
      assert.equal(grants(root, ask(PHARMACIST)), false);
      assert.equal(grants(root, ask(DOCTOR)), true);
    }
  });

  it('may be nested in a period of their own', () => {
    const past = { period: { end: '2026-01-01T00:00:00.000Z' } };
    const now = { period: { start: '2026-01-01T00:00:00.000Z' } };
    assert.equal(refuses(now, ask(DOCTOR)), true);
    assert.equal(refuses(past, ask(DOCTOR)), false);
  });

  it('nested beyond eight levels deny', () => {
    const chain = (levels: number): Provision =>
      levels === 1 ? rule('permit', {}) : rule('permit', {}, chain(levels - 1));
    assert.equal(grants(chain(8), ask(DOCTOR)), true);
    assert.equal(grants(chain(9), ask(DOCTOR)), false);
  });

  it('without a type deny', () => {
    assert.equal(grants({ exceptions: [{ exceptions: [] }] }, ask(DOCTOR)), false);
    assert.equal(grants({ exceptions: [rule('permit', {})] }, ask(DOCTOR)), true);
  });

  it('reach a patient whom an enclosing rule names', () => {
    const friend = ask({ ...PATIENT, patient: 'Patient/friend' });
    const named = { actors: [{ reference: 'Patient/friend' }], exceptions: [rule('permit', {})] };
    assert.equal(grants(named, friend), true);
    assert.equal(grants({ exceptions: [rule('permit', {})] }, friend), false);
  });
});

describe('what depends on the resource is left over', () => {
  const psy = { system: ACT_CODE, code: 'PSY' };
  const conf = (code: string) => ({ system: CONFIDENTIALITY, code });
  const labelled = (...labels: { system: string; code: string }[]) => facts({ labels });
  const code = { system: 'http://loinc.org', code: '4548-4' };
  const dataPeriod = { start: '2026-01-01T00:00:00.000Z', end: '2026-01-31T23:59:59.999Z' };
  const day = (start: string, end = start) =>
    facts({ date: { start: `${start}T00:00:00.000Z`, end: `${end}T23:59:59.999Z` } });

  const cases: readonly [string, Partial<Provision>, ResourceFacts, ResourceFacts][] = [
    ['a sensitivity label', { labels: [psy] }, labelled(psy), NORMAL],
    [
      'a label above it',
      { labels: [{ system: ACT_CODE, code: 'ETH' }] },
      labelled({ system: ACT_CODE, code: 'OPIOIDUD' }),
      labelled(psy),
    ],
    [
      'one of several labels',
      { labels: [psy, { system: ACT_CODE, code: 'HIV' }] },
      labelled(psy),
      NORMAL,
    ],
    [
      'a code',
      { codes: [code] },
      facts({ codes: [code] }),
      facts({ codes: [{ ...code, code: '1' }] }),
    ],
    ['the data period', { dataPeriod }, day('2026-01-15'), day('2026-02-01')],
    [
      'an instance',
      { data: [{ meaning: 'instance', reference: 'MedicationRequest/1' }] },
      NORMAL,
      facts({ reference: 'MedicationRequest/2' }),
    ],
    [
      'what belongs to an encounter',
      { data: [{ meaning: 'related', reference: 'Encounter/1' }] },
      facts({ references: ['Encounter/1'] }),
      facts({ references: ['Encounter/2'] }),
    ],
    [
      'an author',
      { data: [{ meaning: 'authoredby', reference: 'Practitioner/doctor' }] },
      facts({ authors: ['Practitioner/doctor'] }),
      facts({ references: ['Practitioner/doctor'] }),
    ],
  ];
  for (const [what, criteria, inside, outside] of cases) {
    it(what, () => {
      assert.equal(grants(criteria, ask(DOCTOR), inside), true, 'permitted inside');
      assert.equal(grants(criteria, ask(DOCTOR), outside), false, 'not permitted outside');
      assert.equal(refuses(criteria, ask(DOCTOR), inside), true, 'denied inside');
      assert.equal(refuses(criteria, ask(DOCTOR), outside), false, 'not denied outside');
    });
  }

  it('confidentiality as a high-water mark', () => {
    const upToR = { labels: [conf('R')] };
    for (const [level, permitted, denied] of [
      ['L', true, false],
      ['N', true, false],
      ['R', true, true],
      ['V', false, true],
      ['PSY', false, true],
    ] as const) {
      assert.equal(
        grants(upToR, ask(DOCTOR), labelled(conf(level))),
        permitted,
        `permit R, data ${level}`,
      );
      assert.equal(
        refuses(upToR, ask(DOCTOR), labelled(conf(level))),
        denied,
        `deny R, data ${level}`,
      );
    }
    assert.equal(
      grants({ labels: [conf('N')] }, ask(DOCTOR), labelled(conf('L'), conf('R'))),
      false,
    );
    assert.equal(grants({ labels: [conf('N')] }, ask(DOCTOR), NORMAL), true);
    assert.equal(
      grants({ labels: [conf('L')] }, ask(DOCTOR), NORMAL),
      false,
      'unlabelled is normal',
    );
    assert.equal(
      refuses(upToR, ask(DOCTOR), facts({ labels: [{ code: 'R' }] })),
      true,
      'no system',
    );
  });

  it('a resource partly inside the data period is not permitted and is denied', () => {
    const partly = day('2026-01-20', '2026-02-10');
    assert.equal(grants({ dataPeriod }, ask(DOCTOR), partly), false);
    assert.equal(refuses({ dataPeriod }, ask(DOCTOR), partly), true);
    assert.equal(refuses({ dataPeriod }, ask(DOCTOR), NORMAL), true, 'date unknown');
    assert.equal(
      refuses({ dataPeriod }, ask(DOCTOR), facts({ timeless: true })),
      false,
      'no date to know',
    );
  });

  it('an empty list matches nothing', () => {
    assert.equal(grants({ labels: [] }, ask(DOCTOR)), false);
    assert.equal(grants({ classes: [] }, ask(DOCTOR)), false);
    assert.equal(grants({ actors: [] }, ask(DOCTOR)), false);
  });

  it('data outside such a permit falls to the policy or another consent', () => {
    const onlyPsy = consent('psy', { type: 'permit', labels: [psy] });
    const request = ask(DOCTOR);
    const restrictedPsy = labelled(psy, conf('R'));
    assert.equal(released({ request, consents: [onlyPsy], resource: NORMAL }), true, 'policy');
    assert.equal(
      released({ request, consents: [onlyPsy], resource: restrictedPsy }),
      true,
      'consent',
    );
    assert.equal(
      released({ request, consents: [onlyPsy], resource: RESTRICTED }),
      false,
      'neither',
    );
    const restricted = consent('r', { type: 'permit', labels: [conf('R')] });
    assert.equal(
      released({ request, consents: [onlyPsy, restricted], resource: RESTRICTED }),
      true,
      'other consent',
    );
    assert.equal(
      decide({ request: ask(PHARMACIST), consents: [onlyPsy] }).reason,
      'consent-permit',
    );
  });

  it('a conditional deny does not stop what another consent permits beside it', () => {
    const consents = [
      consent('a', { type: 'permit' }),
      consent('b', { type: 'deny', labels: [psy] }),
    ];
    const request = ask(PHARMACIST);
    assert.equal(released({ request, consents, resource: NORMAL }), true);
    assert.equal(released({ request, consents, resource: labelled(psy) }), false);
    const alone = decide({ request, consents: consents.slice(1) });
    assert.deepEqual([alone.outcome, alone.reason], ['deny', 'policy-deny']);
  });
});

describe('the overarching policy', () => {
  const outcome = (implicit: OverarchingPolicy['implicit'], request: AccessRequest): string =>
    decide({ request, policy: { ...BASIC, implicit } }).outcome;

  it("basic-normal: the custodian's own people and systems, for care, up to normal confidentiality", () => {
    const request = ask(DOCTOR);
    assert.deepEqual(decide({ request }), {
      outcome: 'permit',
      reason: 'policy-permit',
      basis: ['policy@1'],
      residual: [
        {
          effect: 'deny',
          exceptions: [
            {
              effect: 'permit',
              when: { labels: [{ system: CONFIDENTIALITY, code: 'N' }] },
              exceptions: [],
            },
          ],
        },
      ],
    });
    assert.equal(released({ request }), true);
    assert.equal(released({ request, resource: RESTRICTED }), false);
    for (const purposes of [['HPAYMT'], ['HOPERAT'], ['ETREAT', 'COVAUTH']]) {
      assert.equal(outcome('basic-normal', ask(DOCTOR, { purposes })), 'permit');
    }
    for (const purposes of [['HRESCH'], ['TREAT', 'HMARKT'], ['unknown']]) {
      assert.equal(outcome('basic-normal', ask(DOCTOR, { purposes })), 'deny');
    }
    for (const role of ['system', 'admin', 'practitioner'] as const) {
      assert.equal(outcome('basic-normal', ask(actor(role))), 'permit', role);
      assert.equal(
        outcome('basic-normal', ask(actor(role, 'PharmacyMSP'))),
        'deny',
        `foreign ${role}`,
      );
      const unit = { ...actor(role), organization: 'Organization/other' };
      assert.equal(outcome('basic-normal', ask(unit)), 'deny', `other organization ${role}`);
    }
    for (const role of [
      'pharmacist',
      'insurer',
      'lab',
      'researcher',
      'auditor',
      'patient',
    ] as const) {
      assert.equal(outcome('basic-normal', ask(actor(role))), 'deny', role);
    }
  });

  it('all-normal: any authorised reader, but no other patient and no foreign writer', () => {
    assert.equal(outcome('all-normal', ask(PHARMACIST)), 'permit');
    assert.equal(
      released({
        request: ask(PHARMACIST),
        policy: { ...BASIC, implicit: 'all-normal' },
        resource: RESTRICTED,
      }),
      false,
    );
    assert.equal(outcome('all-normal', ask(PHARMACIST, { action: 'correct' })), 'deny');
    assert.equal(outcome('all-normal', ask(SYSTEM, { action: 'correct' })), 'permit');
    assert.equal(outcome('all-normal', ask(PATIENT)), 'deny');
  });

  it('break-glass-only, deny and none: nobody', () => {
    for (const policy of [
      { ...BASIC, implicit: 'break-glass-only' as const },
      DENY_ALL,
      undefined,
    ]) {
      const decision = decide({ request: ask(DOCTOR, { purposes: ['BTG'] }), policy });
      assert.deepEqual([decision.outcome, decision.reason], ['deny', 'policy-deny']);
      assert.equal(
        decide({ request: ask(DOCTOR), policy, consents: [consent('c', { type: 'permit' })] })
          .outcome,
        'permit',
      );
    }
  });
});

describe('Consents are administered, not consented', () => {
  const FORBID = [consent('c', { type: 'deny' })];
  const OPEN = [consent('c', { type: 'permit', actions: ['access', 'collect', 'correct'] })];
  const outcome = (
    who: AccessRequest['actor'],
    action: AccessRequest['action'],
    given: Omit<Given, 'request'> = {},
  ): string => {
    const decision = decide({ ...given, request: ask(who, { action, class: 'Consent' }) });
    if (decision.reason === 'consent-office') {
      assert.deepEqual([decision.basis, decision.residual], [[], []]);
    }
    return `${decision.outcome}: ${decision.reason}`;
  };
  const ACTIONS = ['access', 'collect', 'correct'] as const;

  it("never locks out the custodian's administration and systems, nor the patient", () => {
    for (const who of [ADMIN, SYSTEM]) {
      for (const action of ACTIONS) {
        for (const policy of [BASIC, DENY_ALL]) {
          const said = outcome(who, action, { consents: FORBID, policy });
          assert.equal(said, 'permit: consent-office');
        }
      }
    }
    const herself = ask(PATIENT, { self: true, class: 'Consent', action: 'correct' });
    assert.equal(decide({ request: herself, consents: FORBID }).outcome, 'permit');
  });

  it('lets nobody else write them, whatever a consent or the policy permits', () => {
    const foreign = [PHARMACIST, PATIENT, { ...ADMIN, msp: 'PharmacyMSP' }];
    const unit = { ...SYSTEM, organization: 'Organization/unit' };
    for (const who of [
      DOCTOR,
      unit,
      ...foreign,
      ...(['lab', 'auditor'] as const).map((r) => actor(r)),
    ]) {
      for (const action of ['collect', 'correct'] as const) {
        for (const consents of [OPEN, []]) {
          assert.equal(outcome(who, action, { consents }), 'deny: consent-office', who.role);
        }
      }
    }
    assert.equal(
      decide({ request: ask(DOCTOR, { action: 'correct', class: 'Observation' }), consents: OPEN })
        .outcome,
      'permit',
      'control: other data',
    );
  });

  it('lets others read them as they may read other data', () => {
    assert.equal(outcome(DOCTOR, 'access'), 'permit: policy-permit');
    assert.equal(outcome(DOCTOR, 'access', { consents: FORBID }), 'deny: consent-deny');
    assert.equal(outcome(DOCTOR, 'access', { consents: OPEN }), 'permit: consent-permit');
    assert.equal(outcome(PHARMACIST, 'access'), 'deny: policy-deny');
  });
});

describe('documenting care', () => {
  const collect = (who: AccessRequest['actor'] = DOCTOR) => ask(who, { action: 'collect' });
  const correct = ask(DOCTOR, { action: 'correct' });
  const forbids = (provision: Partial<Provision>, request: AccessRequest, resource = NORMAL) =>
    !released({ request, resource, consents: [consent('c', { type: 'deny', ...provision })] });

  it('is not stopped by a deny that names no action, which is about who sees data', () => {
    for (const provision of [
      {},
      { actors: [{ reference: 'Practitioner/doctor' }] },
      { classes: ['MedicationRequest'] },
    ]) {
      assert.equal(forbids(provision, ask(DOCTOR)), true, 'seeing');
      assert.equal(forbids(provision, collect()), false);
      assert.equal(forbids(provision, correct), false);
    }
    for (const who of [SYSTEM, ADMIN]) assert.equal(forbids({}, collect(who)), false);
  });

  it('is stopped by one that names it, itself or by a rule around it', () => {
    assert.equal(forbids({ actions: ['collect'] }, collect()), true);
    assert.equal(forbids({ actions: ['collect'] }, correct), false);
    assert.equal(forbids({ actions: ['access'] }, collect()), false);
    const but: Provision = { type: 'deny', classes: ['MedicationRequest'], exceptions: [] };
    const collecting = { type: 'permit' as const, actions: ['collect'], exceptions: [but] };
    assert.equal(forbids(collecting, collect()), true);
    assert.equal(forbids({ type: 'permit', exceptions: [but] }, collect()), false);
  });

  it('is stopped where the policy does not let staff in either', () => {
    const consents = [consent('c', { type: 'deny' })];
    assert.equal(released({ request: collect(), consents, policy: DENY_ALL }), false);
    const research = ask(DOCTOR, { action: 'collect', purposes: ['HRESCH'] });
    assert.equal(released({ request: research, consents }), false);
  });

  it('is for own staff: a deny stops everybody else', () => {
    const permit = consent('p', { type: 'permit', actions: ['collect'] });
    const deny = consent('q', { type: 'deny', ...PHARMACY_ACTOR });
    const request = collect(PHARMACIST);
    assert.equal(released({ request, consents: [permit], policy: DENY_ALL }), true);
    assert.equal(released({ request, consents: [permit, deny], policy: DENY_ALL }), false);
  });

  it('is permitted by the exceptions of such a deny where its own criteria match', () => {
    const psy = { labels: [{ system: ACT_CODE, code: 'PSY' }] };
    const code = { system: 'http://loinc.org', code: '1' };
    const allowed = (root: Partial<Provision>, resource: ResourceFacts): boolean =>
      released({
        request: collect(),
        resource,
        consents: [consent('c', { type: 'deny', ...root })],
        policy: DENY_ALL,
      });
    const exception = (more: Partial<Provision>): Provision => ({
      type: 'permit',
      exceptions: [],
      ...more,
    });
    const coded = facts({ codes: [code] });
    const both = facts({ codes: [code], labels: psy.labels });
    const byCode = { exceptions: [exception({ codes: [code] })] };
    assert.equal(allowed(byCode, coded), true);
    assert.equal(allowed(byCode, NORMAL), false);
    assert.equal(allowed({ ...byCode, ...psy }, both), true);
    assert.equal(allowed({ ...byCode, ...psy }, coded), false);
    const twice = { ...psy, exceptions: [exception(psy)] };
    assert.equal(allowed(twice, both), false, 'no rule says that both must match');
    const named = {
      ...psy,
      exceptions: [{ ...exception(psy), type: 'deny' as const, actions: ['collect'] }],
    };
    assert.equal(forbids(named, collect(), both), true);
    assert.equal(forbids(named, collect()), false);
  });
});

describe('the patient and her access log', () => {
  it('permits her own record whatever her consents say', () => {
    const consents = [consent('c', { type: 'deny' })];
    assert.deepEqual(decide({ request: ask(PATIENT, { self: true }), consents }), {
      outcome: 'permit',
      reason: 'self',
      basis: [],
      residual: [],
    });
    assert.equal(decide({ request: ask(PATIENT), consents }).outcome, 'deny');
    assert.equal(decide({ request: ask(DOCTOR, { self: true }), consents }).outcome, 'deny');
  });

  it("shows the access log to her, auditors, the custodian's admin and system", () => {
    const log = (who: AccessRequest['actor'], self = false): string =>
      decide({
        request: ask(who, { self, class: 'AccessLog' }),
        consents: [consent('c', { type: 'permit' })],
      }).outcome;
    assert.equal(log(PATIENT, true), 'permit');
    assert.equal(log(actor('auditor', 'AuditorMSP')), 'permit');
    assert.equal(log(actor('admin')), 'permit');
    assert.equal(log(SYSTEM), 'permit');
    assert.equal(log(PATIENT), 'deny');
    assert.equal(log(DOCTOR), 'deny');
    assert.equal(log(DOCTOR, true), 'deny');
    assert.equal(log(actor('admin', 'PharmacyMSP')), 'deny');
    assert.equal(log(PHARMACIST), 'deny');
  });
});
