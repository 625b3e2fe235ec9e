import type { CodeSystem, Coding, Parameters } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { CodeSystemView, Concept } from '../../fhir/terminology/code-system.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Declared, Input } from '../input.ts';
import { assertNamed, codeSystemOf, codingsOf, valueSetOf, type Call } from './asked.ts';
import { displayIn, isCalled } from './wording.ts';

const COMMON: Declared = {
  url: 'uri',
  code: 'code',
  display: 'string',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  abstract: 'boolean',
  displayLanguage: 'code',
};
export const VALIDATE_CODE_IN_SET: Declared = {
  ...COMMON,
  valueSet: 'resource',
  valueSetVersion: 'string',
  system: 'uri',
  systemVersion: 'string',
};
export const VALIDATE_CODE_IN_SYSTEM: Declared = {
  ...COMMON,
  codeSystem: 'resource',
  version: 'string',
};
const operation = '$validate-code';

interface Judged {
  readonly result: boolean;
  readonly message?: string;
  readonly display?: string | undefined;
}

/**
 * `ValueSet/$validate-code`: http://hl7.org/fhir/R4/valueset-operation-validate-code.html
 *
 * @rule $validate-code
 */
export async function validateCodeInSet(
  services: Services,
  principal: Principal,
  call: Call,
): Promise<Reply> {
  const { input } = call;
  const { set, terminology } = await valueSetOf(services, principal, { input, call, operation });
  const system = input.text('system');
  const codings = codingsOf(input, { system, version: input.text('systemVersion') });
  return parameters(
    best(codings, (coding) => {
      if (coding.system === undefined || coding.code === undefined) {
        throw new FhirError('invalid', 'The code needs its system', { expression: 'http.system' });
      }
      const found = terminology.contains(set, { system: coding.system, code: coding.code });
      const name = `${coding.system}|${coding.code}`;
      if (found.kind === 'unknown') throw untold(found.reason);
      if (found.kind === 'out') {
        return { result: false, message: `${name} is not in the value set ${set.url ?? ''}` };
      }
      const view = terminology.codeSystem(coding.system);
      const concept = view?.find(coding.code);
      const worded = {
        ...concept,
        ...(found.display === undefined ? {} : { display: found.display }),
        code: coding.code,
      };
      const judged = judge({ name, coding, concept: worded, usual: concept, input });
      return { ...judged, ...hint(judged, coding.version, view?.version) };
    }),
  );
}

/** Says that what was recorded by another version is judged by the one that is here. */
function hint(
  judged: Judged,
  wanted: string | undefined,
  used: string | undefined,
): Partial<Judged> {
  if (wanted === undefined || used === undefined || wanted === used) return {};
  const text = `judged by version ${used}, not ${wanted}`;
  return { message: judged.message === undefined ? text : `${judged.message}; ${text}` };
}

/** `CodeSystem/$validate-code`: http://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
export async function validateCodeInSystem(
  services: Services,
  principal: Principal,
  call: Call,
): Promise<Reply> {
  const { input } = call;
  const view = await codeSystemOf(services, principal, {
    brought: input.value('codeSystem') as CodeSystem | undefined,
    url: input.text('url') ?? (input.value('coding') as Coding | undefined)?.system,
    version: input.text('version'),
    call,
    operation,
  });
  assertNamed(view, input, 'url');
  const codings = codingsOf(input, { system: view.url, version: undefined });
  return parameters(best(codings, (coding) => inSystem(view, coding, input)));
}

function inSystem(view: CodeSystemView, coding: Coding, input: Input): Judged {
  const { system = view.url, code = '' } = coding;
  const name = `${system}|${code}`;
  if (system !== view.url) {
    return { result: false, message: `${name} is not of the code system ${view.url}` };
  }
  const concept = view.find(code);
  if (concept !== undefined) return judge({ name, coding, concept, usual: concept, input });
  if (view.known === 'part') throw untold(`Not all codes of ${view.url} are known here`);
  return {
    result: false,
    message: `The code system ${view.url} has no code ${JSON.stringify(code)}`,
  };
}

/** A code that is there may still be abstract, or be called something else. */
function judge({
  name,
  coding,
  concept,
  usual,
  input,
}: {
  readonly name: string;
  readonly coding: Coding;
  /** As the value set words it, and as the code system does. */
  readonly concept: Concept;
  readonly usual: Concept | undefined;
  readonly input: Input;
}): Judged {
  const display = displayIn(concept, input.text('displayLanguage'));
  if (concept.abstract === true && input.flag('abstract') !== true) {
    return { result: false, message: `${name} is abstract: it only groups others`, display };
  }
  const called = coding.display;
  const known = concept.display !== undefined;
  if (
    called !== undefined &&
    known &&
    !isCalled(concept, called) &&
    !(usual && isCalled(usual, called))
  ) {
    return { result: false, message: `${name} is not called ${JSON.stringify(called)}`, display };
  }
  if (concept.inactive === true) {
    return { result: true, message: `${name} is no longer in use`, display };
  }
  return { result: true, display };
}

/** R4: true if one of the codings is; what cannot be told matters only when none is. */
function best(codings: readonly Coding[], of: (coding: Coding) => Judged): Judged {
  const refused: string[] = [];
  let last: Judged | undefined;
  let unknown: FhirError | undefined;
  for (const coding of codings) {
    try {
      last = of(coding);
      if (last.result) return last;
      if (last.message !== undefined) refused.push(last.message);
    } catch (error) {
      if (!(error instanceof FhirError) || codings.length === 1) throw error;
      unknown ??= error;
    }
  }
  if (unknown !== undefined) throw unknown;
  if (last === undefined) return { result: false, message: 'There is no coding' };
  return { ...last, message: refused.join('; ') };
}

function untold(reason: string): FhirError {
  return new FhirError('unprocessable', reason, {
    issues: [{ severity: 'error', code: 'not-found', diagnostics: `It cannot be told: ${reason}` }],
  });
}

function parameters({ result, message, display }: Judged): Reply {
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
      ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
    ],
  };
  return { status: 200, body: JSON.stringify(body) };
}
