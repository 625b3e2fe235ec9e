import { MAX_PROVISION_LEVELS, USER_ROLES } from '@chartseal/chaincode';
import type { Code, Interval, Provision } from '@chartseal/chaincode';
import type {
  Coding,
  CodeableConcept,
  ConsentProvision,
  ConsentProvisionActor,
  Period,
} from 'fhir/r4.js';
import { FhirError } from '../fhir/errors.ts';
import { timeRange } from '../fhir/instant.ts';
import { parseReference } from '../fhir/reference.ts';

const ACTIONS = 'http://terminology.hl7.org/CodeSystem/consentaction';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
/** Says who can be recognised in a request. */
const ACTOR_TYPES = new Set(['Organization', 'Practitioner', 'Patient']);

export interface ProvisionOptions {
  readonly base?: string;
  readonly isResourceType: (name: string) => boolean;
  readonly scope: 'patient-privacy' | 'research';
  /** Says what the root rule does. */
  readonly effect: 'permit' | 'deny';
}

export function unenforceable(expression: string, why: string): FhirError {
  return new FhirError('unprocessable', `Cannot be enforced: ${expression} ${why}`, { expression });
}

/**
 * Compiles the root provision and its exceptions. @throws FhirError `unprocessable`, naming the element
 *
 * @rule Consent.provision
 */
export function compileProvision(root: ConsentProvision, options: ProvisionOptions): Provision {
  const compiled = new RuleCompiler(root, {
    ...options,
    path: 'Consent.provision',
    level: 1,
  }).rule();
  return options.scope === 'research' && compiled.purposes === undefined
    ? { ...compiled, purposes: ['HRESCH'] }
    : compiled;
}

interface RulePosition extends ProvisionOptions {
  readonly path: string;
  /** 1 for the root. */
  readonly level: number;
}

/** One rule. `effect` in its place is what the rule does. */
class RuleCompiler {
  readonly #source: ConsentProvision;
  readonly #at: RulePosition;
  /** A permit without exceptions may lose values that match no request: it only gets narrower. */
  readonly #mayNarrow: boolean;

  constructor(source: ConsentProvision, at: RulePosition) {
    this.#source = source;
    this.#at = at;
    this.#mayNarrow = at.effect === 'permit' && source.provision === undefined;
  }

  rule(): Provision {
    const { path, level } = this.#at;
    const source = this.#source;
    if (level > MAX_PROVISION_LEVELS)
      throw unenforceable(path, `is nested deeper than ${MAX_PROVISION_LEVELS} levels`);
    refuseModifier(source, path);
    return {
      ...(source.type === undefined && level === 1 ? {} : { type: source.type ?? 'deny' }),
      ...defined({
        period: source.period && interval(source.period, `${path}.period`),
        actors: this.#list('actor', source.actor, (actor, place) => this.#actor(actor, place)),
        actions: this.#list('action', source.action, action),
        purposes: this.#list('purpose', source.purpose, purpose),
        classes: this.#list('class', source.class, (coding, place) => this.#class(coding, place)),
        labels: this.#list('securityLabel', source.securityLabel, label),
        codes: this.#list('code', source.code, codes)?.flat(),
        dataPeriod: source.dataPeriod && interval(source.dataPeriod, `${path}.dataPeriod`),
        data: this.#list('data', source.data, (data, place) => {
          refuseModifier(data, place);
          return { meaning: data.meaning, reference: this.#reference(data.reference, place) };
        }),
      }),
      exceptions: (source.provision ?? []).map((exception, i) =>
        // Nested rules must say their type; one that does not can only take away.
        new RuleCompiler(exception, {
          ...this.#at,
          path: `${path}.provision[${i}]`,
          level: level + 1,
          effect: exception.type ?? 'deny',
        }).rule(),
      ),
    };
  }

  /** Undefined stays undefined: any value matches. An item compiled to undefined matches nothing. */
  #list<Source, Compiled>(
    name: string,
    items: readonly Source[] | undefined,
    compile: (item: Source, place: string) => Compiled | undefined,
  ): readonly Compiled[] | undefined {
    if (items === undefined) return undefined;
    const path = `${this.#at.path}.${name}`;
    if (items.length === 0) throw unenforceable(path, 'is empty');
    return items.flatMap((item, i) => {
      const compiled = compile(item, `${path}[${i}]`);
      return compiled === undefined ? [] : [compiled];
    });
  }

  #actor(actor: ConsentProvisionActor, place: string): NonNullable<Provision['actors']>[number] {
    refuseModifier(actor, place);
    const reference = this.#reference(actor.reference, place);
    const type = reference.slice(0, reference.indexOf('/'));
    if (!ACTOR_TYPES.has(type)) {
      throw unenforceable(`${place}.reference`, `names a ${type}, which no request can show`);
    }
    // A deny holds for the actor in whatever role.
    if (this.#at.effect === 'deny') return { reference };
    const codings = (actor.role as CodeableConcept | undefined)?.coding ?? [];
    const role = codings.find(({ code }) => USER_ROLES.has(code ?? '')) ?? codings[0];
    if (role?.code === undefined) throw unenforceable(`${place}.role`, 'needs a code');
    if (!USER_ROLES.has(role.code) && !this.#mayNarrow) {
      throw unenforceable(`${place}.role`, 'is not that of a user of data');
    }
    return { role: codeOf(role), reference };
  }

  #class({ system, code }: Coding, place: string): string | undefined {
    if (system === RESOURCE_TYPES && code !== undefined && this.#at.isResourceType(code)) {
      return code;
    }
    const foreign = system !== undefined && system !== RESOURCE_TYPES;
    if (this.#mayNarrow && foreign) return undefined;
    throw unenforceable(place, `must be an R4 resource type of ${RESOURCE_TYPES}`);
  }

  #reference(source: { reference?: string | undefined } | undefined, place: string): string {
    const text = source?.reference;
    const parsed = text === undefined ? undefined : parseReference(text, this.#at.base);
    if (parsed?.kind === 'local') return `${parsed.type}/${parsed.id}`;
    throw unenforceable(
      `${place}.reference`,
      text === undefined
        ? 'has no literal reference'
        : 'does not refer to a resource of this server',
    );
  }
}

function action(concept: CodeableConcept, place: string): string {
  return oneCode(concept.coding ?? [], ACTIONS, place);
}

function purpose(coding: Coding, place: string): string {
  return oneCode([coding], ACT_REASON, place);
}

function oneCode(codings: readonly Coding[], system: string, place: string): string {
  const code = codings.find((coding) => coding.system === system)?.code;
  if (code === undefined) throw unenforceable(place, `needs a code of ${system}`);
  return code;
}

function label(coding: Coding, place: string): Code {
  if (coding.system === undefined || coding.code === undefined) {
    throw unenforceable(place, 'needs a system and a code');
  }
  return codeOf(coding);
}

/** Several codings of one concept mean the same: any of them matches. */
function codes(concept: CodeableConcept, place: string): readonly Code[] {
  const codings = concept.coding ?? [];
  if (codings.length === 0) throw unenforceable(place, 'needs a coding');
  return codings.map((coding, i) => label(coding, `${place}.coding[${i}]`));
}

function codeOf({ system, code }: Coding): Code {
  return { ...(system === undefined ? {} : { system }), code: code ?? '' };
}

/** A start is the earliest instant its text may mean, an end the latest; without a zone they are read as UTC. */
function interval(period: Period, path: string): Interval {
  const start = bound(period, 'start', path)?.from;
  const until = bound(period, 'end', path)?.to;
  const end = until === undefined ? undefined : until - 1;
  if (start !== undefined && end !== undefined && start > end) {
    throw unenforceable(path, 'ends before it starts');
  }
  return {
    ...(start === undefined ? {} : { start: new Date(start).toISOString() }),
    ...(end === undefined ? {} : { end: new Date(end).toISOString() }),
  };
}

function bound(period: Period, name: 'start' | 'end', path: string): ReturnType<typeof timeRange> {
  const text = period[name];
  const unsaid = text === undefined && period[`_${name}`] !== undefined;
  const range = text === undefined ? undefined : timeRange(text);
  if (unsaid || (text !== undefined && range === undefined)) {
    throw unenforceable(`${path}.${name}`, 'is no date');
  }
  return range;
}

function refuseModifier(element: { modifierExtension?: unknown }, path: string): void {
  if (element.modifierExtension !== undefined) {
    throw unenforceable(`${path}.modifierExtension`, 'is not understood here');
  }
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
