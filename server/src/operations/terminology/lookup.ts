import type { Coding, Parameters, ParametersParameter } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { CodeSystemView, Concept } from '../../fhir/terminology/code-system.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Declared } from '../input.ts';
import { codeSystemOf, type Call } from './asked.ts';
import { displayIn } from './wording.ts';

export const LOOKUP: Declared = {
  code: 'code',
  system: 'uri',
  version: 'string',
  coding: 'Coding',
  displayLanguage: 'code',
  property: 'code*',
};

/**
 * `CodeSystem/$lookup`: http://hl7.org/fhir/R4/codesystem-operation-lookup.html
 *
 * @rule $lookup
 */
export async function lookup(services: Services, principal: Principal, call: Call): Promise<Reply> {
  const { input } = call;
  const coding = input.value('coding') as Coding | undefined;
  const code = input.text('code') ?? coding?.code;
  if (code === undefined || input.has('code') === input.has('coding')) {
    throw new FhirError('invalid', 'Either code and system or coding is needed', {
      expression: 'http.code',
    });
  }
  const view = await codeSystemOf(services, principal, {
    brought: undefined,
    url: coding === undefined ? input.text('system') : coding.system,
    version: input.text('version') ?? coding?.version,
    call,
    operation: '$lookup',
  });
  const concept = view.find(code);
  if (concept === undefined) {
    throw new FhirError(
      'not-found',
      `The code system ${view.url} has no code ${JSON.stringify(code)} that is known here`,
      { expression: 'http.code' },
    );
  }
  const body = described(view, concept, {
    properties: new Set(input.texts('property')),
    language: input.text('displayLanguage'),
  });
  return { status: 200, body: JSON.stringify(body) };
}

function described(
  view: CodeSystemView,
  concept: Concept,
  asked: { readonly properties: ReadonlySet<string>; readonly language: string | undefined },
): Parameters {
  const { version } = view;
  const given = (name: string): boolean =>
    asked.properties.size === 0 || asked.properties.has(name);
  const designations = given('designation') ? (concept.designation ?? []) : [];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'name', valueString: view.title ?? view.name ?? view.url },
      ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
      { name: 'display', valueString: displayIn(concept, asked.language) ?? concept.code },
      ...designations.map(({ language, use, value }) => ({
        name: 'designation',
        part: [
          ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
          ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
          { name: 'value', valueString: value },
        ],
      })),
      ...propertiesOf(view, concept)
        .filter(([code]) => given(code))
        .map(([code, value, description]) => ({
          name: 'property',
          part: [
            { name: 'code', valueCode: code },
            { name: 'value', ...value },
            ...(description === undefined
              ? []
              : [{ name: 'description', valueString: description }]),
          ],
        })),
    ],
  };
}

type Described = readonly [
  code: string,
  value: Omit<ParametersParameter, 'name'>,
  text?: string | undefined,
];

/** Returns the properties that R4 defines for every code system, then the concept's own. */
function propertiesOf(view: CodeSystemView, concept: Concept): readonly Described[] {
  const { definition } = concept;
  const link =
    (code: string) =>
    (other: string): Described => [code, { valueCode: other }, view.find(other)?.display];
  const own = (concept.property ?? [])
    .filter(({ code }) => !['parent', 'child', 'inactive'].includes(code))
    .map(({ code, ...rest }): Described => {
      const value = Object.entries(rest).filter(([key]) => key.startsWith('value'));
      return [code, Object.fromEntries(value)];
    });
  return [
    ...(definition === undefined
      ? []
      : [['definition', { valueString: definition }] satisfies Described]),
    ['inactive', { valueBoolean: concept.inactive === true }],
    ...view.parents(concept.code).map(link('parent')),
    ...view.children(concept.code).map(link('child')),
    ...own,
  ];
}
