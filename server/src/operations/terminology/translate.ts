import type {
  Coding,
  ConceptMap,
  ConceptMapGroup,
  Parameters,
  ParametersParameter,
  Resource,
} from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { presentTerminology } from '../../interactions/search/present-terminology.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Declared, Input } from '../input.ts';
import { codingsOf, instance, versioned, type Call } from './asked.ts';

const NO_MATCH: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);

interface Match {
  readonly equivalence: string;
  readonly concept?: Coding;
  readonly source: string;
}

export const TRANSLATE: Declared = {
  url: 'uri',
  conceptMap: 'resource',
  conceptMapVersion: 'string',
  code: 'code',
  system: 'uri',
  version: 'string',
  source: 'uri',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  target: 'uri',
  targetsystem: 'uri',
  reverse: 'boolean',
};

/**
 * `ConceptMap/$translate`: http://hl7.org/fhir/R4/conceptmap-operation-translate.html
 *
 * @rule $translate
 */
export async function translate(
  services: Services,
  principal: Principal,
  call: Call,
): Promise<Reply> {
  const { input } = call;
  const reverse = input.flag('reverse') === true;
  const codings = codingsOf(input, { system: input.text('system'), version: undefined });
  const maps = await mapsOf(services, principal, { input, call, reverse });
  const matches = maps.flatMap((map) =>
    codings.flatMap((coding) =>
      reverse ? backwards(map, coding) : forwards(map, coding, input.text('targetsystem')),
    ),
  );
  return { status: 200, body: JSON.stringify(answer(matches)) };
}

async function mapsOf(
  services: Services,
  principal: Principal,
  {
    input,
    call,
    reverse,
  }: { readonly input: Input; readonly call: Call; readonly reverse: boolean },
): Promise<readonly ConceptMap[]> {
  if (call.id !== undefined) {
    const at = { type: 'ConceptMap' as const, id: call.id, operation: '$translate' };
    return [await instance<ConceptMap>(services, principal, at)];
  }
  const brought = input.value('conceptMap') as Resource | undefined;
  if (brought !== undefined) {
    if (brought.resourceType === 'ConceptMap') return [brought as ConceptMap];
    throw new FhirError('structure', 'The parameter conceptMap is a ConceptMap');
  }
  const url = input.text('url');
  const source = input.text('source');
  if (url === undefined && (source === undefined || reverse)) {
    throw new FhirError('invalid', 'It must be said which map is meant: url, or source', {
      expression: 'http.url',
    });
  }
  if (url === undefined) {
    const target = input.text('target');
    return services.r4.terminology
      .conceptMaps(source ?? '')
      .filter((map) => target === undefined || (map.targetUri ?? map.targetCanonical) === target);
  }
  const canonical = versioned(url, input.text('conceptMapVersion'));
  const terminology = await presentTerminology(services, principal, { conceptMaps: [canonical] });
  const map = terminology.conceptMap(canonical);
  if (map !== undefined) return [map];
  throw new FhirError('not-found', `The concept map ${canonical} is not known here`, {
    expression: 'http.url',
  });
}

function forwards(map: ConceptMap, coding: Coding, system: string | undefined): readonly Match[] {
  return (map.group ?? []).flatMap((group) => {
    if (!from(group.source, coding) || (system !== undefined && group.target !== system)) return [];
    const element = group.element.find(({ code }) => code === coding.code);
    if (element === undefined) return unmapped(map, group, coding);
    return (element.target ?? []).map(({ code, display, equivalence }) => ({
      equivalence,
      ...(code === undefined ? {} : { concept: codingIn(group.target, code, display) }),
      source: map.url ?? '',
    }));
  });
}

/** Returns what a map says of codes that it does not name. */
function unmapped(
  map: ConceptMap,
  { unmapped: rule, target }: ConceptMapGroup,
  coding: Coding,
): Match[] {
  const source = map.url ?? '';
  if (rule?.mode === 'provided' && coding.code !== undefined) {
    return [
      { equivalence: 'equal', concept: codingIn(target, coding.code, coding.display), source },
    ];
  }
  if (rule?.mode === 'fixed' && rule.code !== undefined) {
    return [{ equivalence: 'wider', concept: codingIn(target, rule.code, rule.display), source }];
  }
  return [];
}

const TURNED: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

function backwards(map: ConceptMap, coding: Coding): readonly Match[] {
  return (map.group ?? []).flatMap((group) => {
    if (!from(group.target, coding)) return [];
    return group.element.flatMap(({ code, display, target = [] }) =>
      target
        .filter((one) => one.code === coding.code && code !== undefined)
        .map(({ equivalence }) => ({
          equivalence: TURNED[equivalence] ?? equivalence,
          concept: codingIn(group.source, code ?? '', display),
          source: map.url ?? '',
        })),
    );
  });
}

function from(system: string | undefined, coding: Coding): boolean {
  return coding.system === undefined || system === coding.system;
}

function codingIn(system: string | undefined, code: string, display: string | undefined): Coding {
  return {
    ...(system === undefined ? {} : { system }),
    code,
    ...(display === undefined ? {} : { display }),
  };
}

function answer(matches: readonly Match[]): Parameters {
  const result = matches.some(({ equivalence }) => !NO_MATCH.has(equivalence));
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: 'The map has no match for this code' }]),
      ...matches.map(({ equivalence, concept, source }): ParametersParameter => ({
        name: 'match',
        part: [
          { name: 'equivalence', valueCode: equivalence },
          ...(concept === undefined ? [] : [{ name: 'concept', valueCoding: concept }]),
          ...(source === '' ? [] : [{ name: 'source', valueUri: source }]),
        ],
      })),
    ],
  };
}
