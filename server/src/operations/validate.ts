import type { Parameters, Resource } from 'fhir/r4.js';
import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import type { Issue } from '../fhir/errors.ts';
import { unknownParameter } from '../fhir/general-parameters.ts';
import { outcomeFrom } from '../fhir/outcome.ts';
import { readJson } from '../interactions/change/accept.ts';
import { issuesOf } from '../interactions/change/issues-of.ts';
import { disclose } from '../access/disclose.ts';
import { noSuchResource } from '../interactions/read.ts';
import type { Reply } from '../access/reply.ts';
import type { Services } from '../interactions/services.ts';
import { readInput, type Called, type Declared } from './input.ts';

/** A call of `$validate`; `id` when it was made on an instance. */
export interface ValidateCall extends Called {
  readonly type: string;
  readonly id?: string;
}

const WISH: Declared = { mode: 'code', profile: 'uri' };
const MODES: readonly string[] = ['create', 'update', 'delete', 'profile'];

interface Wish {
  readonly mode: string | undefined;
  readonly profile: string | undefined;
}

/**
 * Would this resource be taken, and does it meet a profile? http://hl7.org/fhir/R4/resource-operation-validate.html
 * Stores nothing; the reply is an OperationOutcome with all that was found, 200 whether or not it is valid.
 *
 * @rule $validate
 */
export async function validate(
  services: Services,
  principal: Principal,
  call: ValidateCall,
): Promise<Reply> {
  const { resource, wish } = asked(services, call);
  if (wish.mode !== undefined && !MODES.includes(wish.mode)) {
    throw new FhirError('invalid', `mode is one of ${MODES.join(', ')}`, {
      expression: 'http.mode',
    });
  }
  if (resource !== undefined) return outcome(judge(services, resource, { call, wish }));
  if (call.id === undefined) {
    throw new FhirError('invalid', 'A resource to validate is needed', {
      expression: 'http.resource',
    });
  }
  return stored(services, principal, { type: call.type, id: call.id, wish });
}

/** The resource as itself, or as the parameter `resource` of a Parameters resource. */
function asked(
  { r4 }: Services,
  { type, pairs, body, handling }: ValidateCall,
): { readonly resource: Resource | undefined; readonly wish: Wish } {
  const lenient = handling === 'lenient';
  const input = readInput(r4, { pairs, ...(lenient && { handling }) }, WISH);
  const wish = { mode: input.text('mode'), profile: input.text('profile') };
  if (body === undefined || body.length === 0) return { resource: undefined, wish };
  const resource = JSON.parse(readJson(body).text) as Resource;
  const parameters = resource.resourceType === 'Parameters' ? parametersOf(resource) : [];
  const named = (name: string) => parameters.find((parameter) => parameter.name === name);
  const known = ['resource', ...Object.keys(WISH)];
  const isCall = known.some((name) => named(name) !== undefined);
  if (!isCall && (resource.resourceType !== 'Parameters' || type === 'Parameters')) {
    return { resource, wish };
  }
  const stray = parameters.find(({ name }) => !known.includes(name));
  if (stray !== undefined && !lenient) throw unknownParameter(nameOf(stray));
  const text = (name: string): string | undefined => {
    const { valueCode, valueUri, valueString, valueCanonical } = named(name) ?? {};
    return valueCode ?? valueUri ?? valueCanonical ?? valueString;
  };
  return {
    resource: named('resource')?.resource,
    wish: { mode: text('mode') ?? wish.mode, profile: text('profile') ?? wish.profile },
  };
}

/** Returns none for what is no list of parameters; the validator says what is wrong with it. */
function parametersOf(resource: Resource): NonNullable<Parameters['parameter']> {
  const { parameter } = resource as Parameters;
  const list: readonly unknown[] = Array.isArray(parameter) ? parameter : [];
  return list.filter((one): one is NonNullable<Parameters['parameter']>[number] => isObject(one));
}

/** It has not been validated. */
function nameOf({ name }: { readonly name?: unknown }): string {
  return typeof name === 'string' ? name : '';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function judge(
  { r4 }: Services,
  resource: Resource,
  { call, wish }: { readonly call: ValidateCall; readonly wish: Wish },
): Issue[] {
  const found: Issue[] = [];
  const fault = (expression: string, diagnostics: string): void => {
    found.push({ severity: 'error', code: 'invalid', diagnostics, expression: [expression] });
  };
  const { resourceType, id } = resource;
  if (resourceType !== call.type) {
    fault('resourceType', `A ${call.type} is expected here, not a ${resourceType}`);
  }
  if (wish.mode === 'update') {
    if (id === undefined) fault(`${call.type}.id`, 'An update names the id of its resource');
    else if (call.id !== undefined && id !== call.id) {
      fault(`${call.type}.id`, `The id is ${call.id} here, not ${id}`);
    }
  }
  return [...found, ...issuesOf(r4, resource, profilesOf(wish))];
}

function profilesOf({ profile }: Wish): readonly string[] {
  return profile === undefined ? [] : [profile];
}

/** The current version of a stored resource; whether it is there at all when it is to be deleted. */
function stored(
  services: Services,
  principal: Principal,
  { type, id, wish }: { readonly type: string; readonly id: string; readonly wish: Wish },
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: '$validate',
    type,
    permission: 'r',
    find: async () => {
      const version = await services.store.current(type, id);
      return { versions: version === undefined ? [] : [version], named: [] };
    },
    reply: ([version]) => {
      if (version === undefined || version.deleted) throw noSuchResource(type, id);
      if (wish.mode === 'delete') return outcome([]);
      const resource = JSON.parse(Buffer.from(version.body).toString('utf8')) as Resource;
      return outcome(issuesOf(services.r4, resource, profilesOf(wish)));
    },
  });
}

function outcome(issues: readonly Issue[]): Reply {
  const none: Issue = {
    severity: 'information',
    code: 'informational',
    diagnostics: 'No issues were found',
  };
  return { status: 200, body: JSON.stringify(outcomeFrom(issues.length === 0 ? [none] : issues)) };
}
