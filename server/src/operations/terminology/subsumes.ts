import type { Coding, Parameters } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { descendants, type CodeSystemView } from '../../fhir/terminology/code-system.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Declared, Input } from '../input.ts';
import { assertNamed, codeSystemOf, type Call } from './asked.ts';

export const SUBSUMES: Declared = {
  codeA: 'code',
  codeB: 'code',
  system: 'uri',
  version: 'string',
  codingA: 'Coding',
  codingB: 'Coding',
};

/**
 * `CodeSystem/$subsumes`: http://hl7.org/fhir/R4/codesystem-operation-subsumes.html
 *
 * @rule $subsumes
 */
export async function subsumes(
  services: Services,
  principal: Principal,
  call: Call,
): Promise<Reply> {
  const { input } = call;
  const a = codingOf(input, 'A');
  const b = codingOf(input, 'B');
  const view = await codeSystemOf(services, principal, {
    brought: undefined,
    url: input.text('system') ?? a.system ?? b.system,
    version: input.text('version'),
    call,
    operation: '$subsumes',
  });
  assertNamed(view, input, 'system');
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'outcome', valueCode: outcome(view, known(view, a), known(view, b)) }],
  };
  return { status: 200, body: JSON.stringify(body) };
}

function outcome(view: CodeSystemView, a: string, b: string): string {
  if (a === b) return 'equivalent';
  if (descendants(view, a).has(b)) return 'subsumes';
  return descendants(view, b).has(a) ? 'subsumed-by' : 'not-subsumed';
}

function codingOf(input: Input, letter: 'A' | 'B'): Coding {
  const code = input.text(`code${letter}`);
  const coding = input.value(`coding${letter}`) as Coding | undefined;
  if ((code === undefined) === (coding === undefined)) {
    throw new FhirError('invalid', `Either code${letter} or coding${letter} is needed`, {
      expression: `http.code${letter}`,
    });
  }
  return coding ?? (code === undefined ? {} : { code });
}

function known(view: CodeSystemView, { system = view.url, code = '' }: Coding): string {
  if (system !== view.url) {
    throw new FhirError('unprocessable', `How ${system} relates to ${view.url} is not known here`);
  }
  const concept = view.find(code);
  if (concept !== undefined) return concept.code;
  throw new FhirError(
    'not-found',
    `The code system ${view.url} has no code ${JSON.stringify(code)} that is known here`,
  );
}
