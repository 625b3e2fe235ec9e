/**
 * What may be seen and changed, written from IHE's Privacy Consent on FHIR, R4's Consent and `docs/decisions`, apart from
 * the server: nothing of it is imported here, so that one mistake is not made twice.
 */
export type Action = 'access' | 'collect' | 'correct';

/** Who asks. */
export interface Asker {
  readonly role: string;
  readonly organization: string;
  readonly practitioner?: string;
  /** Of a patient: whose data are its own. */
  readonly patient?: string;
  readonly purpose: string;
}

/** What counts of a resource. */
export interface Facts {
  readonly type: string;
  readonly id: string;
  /** Id of the patient; undefined where nobody can tell. */
  readonly of: string | undefined;
  readonly confidentiality: 'N' | 'R' | 'V';
  readonly labels: readonly string[];
  readonly codes: readonly string[];
  /** Day of the data; undefined where the type has none. */
  readonly day: string | undefined;
}

/** An element that is absent matches anything. */
export interface Rule {
  readonly type: 'permit' | 'deny';
  /** References. */
  readonly actors?: readonly string[];
  readonly actions?: readonly Action[];
  readonly purposes?: readonly string[];
  readonly classes?: readonly string[];
  readonly codes?: readonly string[];
  readonly labels?: readonly string[];
  /** First and last day of the data. */
  readonly days?: readonly [string, string];
  /** `Type/id` of what it is about. */
  readonly instances?: readonly string[];
  /** First and last day on which it is in force. */
  readonly inForce?: readonly [string, string];
  readonly exceptions?: readonly Rule[];
}

/** Rules in force, by patient. */
export type Rules = ReadonlyMap<string, readonly Rule[]>;

/** Purposes of basic-normal: treatment, payment, operations. */
const USUAL = new Set(['TREAT', 'HPAYMT', 'HOPERAT']);
const CUSTODIAN = 'Organization/hospital';
const STAFF = new Set(['system', 'admin', 'practitioner']);
const TODAY = new Date().toISOString().slice(0, 10);

export function isStaff({ role, organization }: Asker): boolean {
  return organization === CUSTODIAN && STAFF.has(role);
}

/** Systems and administration of the custodian. */
export function isOffice(asker: Asker): boolean {
  return isStaff(asker) && asker.role !== 'practitioner';
}

/** Undefined: what the sources leave open. */
export type Verdict = boolean | undefined;

/** May this one do this with that? */
export function permits(rules: Rules, asker: Asker, action: Action, facts: Facts): Verdict {
  if (facts.of === undefined) return permitsUnassigned(rules, asker, action, facts);
  if (asker.role === 'patient' && asker.patient === facts.of) return true;
  const told = (rules.get(facts.of) ?? []).map((rule) => effect(rule, { asker, action, facts }));
  if (told.includes('deny')) return false;
  if (told.includes('unsure')) return undefined;
  if (told.includes('permit')) return true;
  return implicit(asker, facts);
}

/** Without a consent that applies: the custodian's own people, for what is usual. */
function implicit(asker: Asker, { confidentiality }: Facts): boolean {
  return isStaff(asker) && confidentiality === 'N' && USUAL.has(asker.purpose);
}

/** Decision 52: it may be data of whomever denies the practitioner something. */
function permitsUnassigned(rules: Rules, asker: Asker, action: Action, facts: Facts): Verdict {
  if (!implicit(asker, facts)) return false;
  if (isOffice(asker)) return true;
  const withheld = [...rules.values()]
    .flat()
    .some((rule) => withholds(rule, { asker, action, facts }));
  return withheld ? false : undefined;
}

interface Case {
  readonly asker: Asker;
  readonly action: Action;
  readonly facts: Facts;
}

/** Whether a rule could refuse this one some data of this class, whatever they are. */
function withholds(rule: Rule, one: Case): boolean {
  const { exceptions = [] } = rule;
  const whoAndHow = {
    type: rule.type,
    ...(rule.actors && { actors: rule.actors }),
    ...(rule.actions && { actions: rule.actions }),
    ...(rule.purposes && { purposes: rule.purposes }),
    ...(rule.classes && { classes: rule.classes }),
    ...(rule.inForce && { inForce: rule.inForce }),
  };
  if (matches(whoAndHow, one) !== true) return false;
  return (
    (rule.type === 'deny' && countsAsDeny(rule, one, false)) ||
    exceptions.some((each) => withholds(each, one))
  );
}

type Effect = 'permit' | 'deny' | 'unsure' | 'none';

/** The deepest rule that matches counts; among siblings a deny does. */
function effect(rule: Rule, one: Case, actionNamed = false): Effect {
  const matched = matches(rule, one);
  if (matched === undefined) return 'unsure';
  if (!matched) return 'none';
  const named = actionNamed || rule.actions !== undefined;
  const inner = (rule.exceptions ?? []).map((each) => effect(each, one, named));
  for (const each of ['deny', 'unsure', 'permit'] as const) if (inner.includes(each)) return each;
  if (rule.type === 'deny') return countsAsDeny(rule, one, named) ? 'deny' : 'none';
  // Decision 7: others are let change nothing by what names no action.
  return named || one.action === 'access' || isStaff(one.asker) ? 'permit' : 'none';
}

/** Decision 54: what names no action is about seeing, and does not stop own staff from documenting. */
function countsAsDeny(rule: Rule, { asker, action }: Case, named: boolean): boolean {
  return named || rule.actions !== undefined || action === 'access' || !isStaff(asker);
}

/** All elements that are there match. */
function matches(rule: Rule, { asker, action, facts }: Case): Verdict {
  const has = <T>(wanted: readonly T[] | undefined, found: readonly T[]): boolean =>
    wanted === undefined || wanted.some((each) => found.includes(each));
  const { days, inForce } = rule;
  if (inForce !== undefined && (TODAY < inForce[0] || TODAY > inForce[1])) return false;
  const told =
    has(rule.actors, [asker.organization, asker.practitioner ?? '']) &&
    has(rule.actions, [action]) &&
    has(rule.purposes, [asker.purpose]) &&
    has(rule.classes, [facts.type]) &&
    has(rule.codes, facts.codes) &&
    has(rule.labels, facts.labels) &&
    has(rule.instances, [`${facts.type}/${facts.id}`]);
  if (!told || days === undefined) return told;
  if (facts.day === undefined) return undefined;
  return facts.day >= days[0] && facts.day <= days[1];
}
