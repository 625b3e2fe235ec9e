import type { CodeableConcept, CodeSystem, Coding, Resource, ValueSet } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { CodeSystemView } from '../../fhir/terminology/code-system.ts';
import { viewOf } from '../../fhir/terminology/code-system.ts';
import { splitCanonical } from '../../fhir/terminology/source.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import { disclose } from '../../access/disclose.ts';
import { presentTerminology } from '../../interactions/search/present-terminology.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Input } from '../input.ts';

const MOST_CODINGS = 20;

/** A call of a terminology operation; `id` when it was made on an instance. */
export interface Call {
  readonly input: Input;
  readonly id?: string;
}

/** The resource that an instance operation was called on. */
export async function instance<T extends Resource>(
  services: Disclosing,
  principal: Principal,
  at: { readonly type: T['resourceType']; readonly id: string; readonly operation: string },
): Promise<T> {
  let resource: T | undefined;
  await disclose(services, principal, {
    interaction: at.operation,
    type: at.type,
    permission: 'r',
    find: async () => {
      const version = await services.store.versions.current(at.type, at.id);
      return { versions: version === undefined ? [] : [version], named: [] };
    },
    reply: ([version]) => {
      if (version === undefined || version.deleted) throw noSuchResource(at.type, at.id);
      resource = JSON.parse(Buffer.from(version.body).toString('utf8')) as T;
      return { status: 200 };
    },
  });
  if (resource === undefined) throw noSuchResource(at.type, at.id);
  return resource;
}

/** The value set that is meant: the instance, the one in the request, or the one of this URL. */
export async function valueSetOf(
  services: Disclosing,
  principal: Principal,
  {
    input,
    call,
    operation,
  }: { readonly input: Input; readonly call: Call; readonly operation: string },
): Promise<{ readonly set: ValueSet; readonly terminology: Terminology }> {
  const brought =
    call.id === undefined
      ? (input.value('valueSet') as ValueSet | undefined)
      : await instance<ValueSet>(services, principal, { type: 'ValueSet', id: call.id, operation });
  const url = input.text('url');
  if ((brought === undefined) === (url === undefined)) {
    throw new FhirError('invalid', 'Either url or valueSet is needed', { expression: 'http.url' });
  }
  if (brought !== undefined) {
    assertType(brought, 'ValueSet');
    const terminology = await presentTerminology(services, principal, { brought: [brought] });
    return { set: brought, terminology };
  }
  const canonical = versioned(url ?? '', input.text('valueSetVersion'));
  const terminology = await presentTerminology(services, principal, { valueSets: [canonical] });
  const set = terminology.valueSet(canonical);
  if (set !== undefined) return { set, terminology };
  throw new FhirError('not-found', `The value set ${canonical} is not known here`, {
    expression: 'http.url',
  });
}

/** The code system that is meant; `undefined` when the request names none. */
export async function codeSystemOf(
  services: Disclosing,
  principal: Principal,
  {
    call,
    operation,
    ...named
  }: {
    readonly brought: CodeSystem | undefined;
    readonly url: string | undefined;
    readonly version: string | undefined;
    readonly call: Call;
    readonly operation: string;
  },
): Promise<CodeSystemView> {
  const brought =
    call.id === undefined
      ? named.brought
      : await instance<CodeSystem>(services, principal, {
          type: 'CodeSystem',
          id: call.id,
          operation,
        });
  if (brought !== undefined) {
    assertType(brought, 'CodeSystem');
    return viewOf(brought);
  }
  if (named.url === undefined) {
    throw new FhirError('invalid', 'It must be said which code system is meant', {
      expression: 'http.system',
    });
  }
  const canonical = versioned(named.url, named.version);
  const terminology = await presentTerminology(services, principal, { codeSystems: [canonical] });
  const view = terminology.codeSystem(named.url, named.version);
  if (view !== undefined) return view;
  throw new FhirError('not-found', `The code system ${canonical} is not known here`, {
    expression: 'http.system',
  });
}

/** An instance, or what a request brings, may be named besides; not as another. */
export function assertNamed(view: CodeSystemView, input: Input, parameter: string): void {
  const named = input.text(parameter);
  if (named === undefined || view.url === '' || splitCanonical(named).url === view.url) return;
  throw new FhirError('invalid', `${parameter} does not name the code system ${view.url}`, {
    expression: `http.${parameter}`,
  });
}

/** The codings that a request is about: `coding`, `codeableConcept`, or `code` with its system. */
export function codingsOf(
  input: Input,
  names: { readonly system: string | undefined; readonly version: string | undefined },
): readonly Coding[] {
  const code = input.text('code');
  const coding = input.value('coding') as Coding | undefined;
  const concept = input.value('codeableConcept') as CodeableConcept | undefined;
  if ([code, coding, concept].filter((one) => one !== undefined).length !== 1) {
    throw new FhirError('invalid', 'One of code, coding and codeableConcept is needed', {
      expression: 'http.code',
    });
  }
  if (coding !== undefined) return [coding];
  if (concept !== undefined) {
    const { coding: codings = [] } = concept;
    if (codings.length <= MOST_CODINGS) return codings;
    throw new FhirError('too-costly', `A concept may have ${MOST_CODINGS} codings here`);
  }
  const { system, version } = names;
  const display = input.text('display');
  return [
    {
      ...(code === undefined ? {} : { code }),
      ...(system === undefined ? {} : { system }),
      ...(version === undefined ? {} : { version }),
      ...(display === undefined ? {} : { display }),
    },
  ];
}

function assertType(resource: Resource, type: string): void {
  if (resource.resourceType === type) return;
  throw new FhirError('structure', `A ${type} is expected, not a ${resource.resourceType}`);
}

export function versioned(url: string, version: string | undefined): string {
  return version === undefined || url.includes('|') ? url : `${url}|${version}`;
}
