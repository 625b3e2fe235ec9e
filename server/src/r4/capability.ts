import type { CapabilityStatement } from 'fhir/r4.js';
import { modifiersOf } from '../search/parse/parse-criterion.ts';
import { mayReferTo } from '../search/chaining/parse-link.ts';
import type { Registry } from '../search/registry.ts';
import type { SearchParameter } from '../search/search-parameter.ts';
import { PATCH_FORMATS } from '../fhir/patch/patch.ts';
import { resourceTypes } from '../fhir/resource-types.ts';
import { ADMINISTERED, ADMINISTERED_TYPES } from '../fhir/administered-types.ts';
import { APPEND_ONLY } from '../fhir/append-only.ts';
import { WITHOUT_EFFECT } from '../fhir/without-effect.ts';

type Rest = NonNullable<CapabilityStatement['rest']>[number];
type ResourceEntry = NonNullable<Rest['resource']>[number];
type Interaction = NonNullable<ResourceEntry['interaction']>[number]['code'];
type SystemInteraction = NonNullable<Rest['interaction']>[number]['code'];

export interface CapabilityFacts {
  /** ISO instant or date from which the statement holds. */
  readonly date: string;
  readonly ledger: 'fabric' | 'embedded';
  readonly organisation: string;
  readonly smart: { readonly issuer: string };
  readonly software?: { readonly name: string; readonly version?: string };
  /** Interactions that every type has, by their codes. */
  readonly interactions: readonly string[];
  /** Says which of `create`, `read`, `update`, `delete` may be conditional. */
  readonly conditional: ReadonlySet<string>;
  /** Tells whether literal references to this server must lead somewhere. */
  readonly enforced: boolean;
  /** Tells whether a conditional delete may delete several resources. */
  readonly deletesSeveral: boolean;
  readonly systemInteractions: readonly string[];
  readonly operations: readonly OperationFact[];
  /** Canonical URLs of the profiles that are checked, by resource type. */
  readonly profiles?: ReadonlyMap<string, readonly string[]>;
}

export interface OperationFact {
  /** Is the name of an operation without its `$`, or what `_query` takes for a named query. */
  readonly name: string;
  readonly definition: string;
  readonly level: 'system' | 'type' | 'instance';
  /** It changes a resource that is there. */
  readonly changesVersion?: boolean;
  /** Absent: of every type. */
  readonly types?: readonly string[];
}

const SMART_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/**
 * The CapabilityStatement of what is registered: nothing is listed here that is not asked of the registry.
 *
 * @rule CapabilityStatement
 */
export function capabilityStatement(
  registry: Registry,
  base: string,
  facts: CapabilityFacts,
): CapabilityStatement {
  const types = [...resourceTypes(registry.definitions)].sort();
  const sources = { registry, facts, referring: revIncludes(registry, types) };
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    kind: 'instance',
    date: facts.date,
    fhirVersion: registry.definitions.fhirVersion as '4.0.1',
    format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
    // XML is made JSON before it is read.
    patchFormat: [...PATCH_FORMATS, 'application/fhir+xml'],
    software: { name: 'Chartseal', ...facts.software },
    implementation: { description: description(facts), url: base },
    rest: [
      {
        mode: 'server',
        security: security(facts),
        resource: types.map((type) => resourceEntry(sources, type)),
        interaction: facts.systemInteractions.map((code) => ({ code: code as SystemInteraction })),
        ...operationsOf(facts.operations.filter(({ level }) => level === 'system')),
        searchParam: [
          { name: '_id', type: 'token', documentation: 'Logical id' },
          { name: '_lastUpdated', type: 'date', documentation: 'When the version was made' },
          { name: '_list', type: 'special', documentation: 'Items of a List of this server' },
          { name: '_content', type: 'special', documentation: 'Words of the whole resource' },
          { name: '_filter', type: 'special', documentation: 'The grammar of R4' },
          { name: '_type', type: 'special', documentation: 'Types that are searched' },
          {
            name: '_query',
            definition: 'http://hl7.org/fhir/SearchParameter/Resource-query',
            type: 'special',
            documentation: 'A query of those that stand among the operations',
          },
          {
            name: '_contained',
            type: 'special',
            documentation:
              'Of a search of one type: false, true (its contained resources), both. By the parameters of R4 that ask for nothing but the contained resource itself and what it refers to',
          },
          {
            name: '_containedType',
            type: 'special',
            documentation: 'With _contained: container, contained',
          },
        ],
        compartment: [...registry.definitions.compartments.keys()].map(
          (type) => `${COMPARTMENTS}${type.slice(0, 1).toLowerCase()}${type.slice(1)}`,
        ),
      },
    ],
  };
}

const COMPARTMENTS = 'http://hl7.org/fhir/CompartmentDefinition/';

function description({ organisation, ledger }: CapabilityFacts): string {
  const kept =
    ledger === 'fabric'
      ? 'fabric (Hyperledger Fabric channel)'
      : 'embedded (development only, proves nothing to others)';
  return `FHIR server of ${organisation}. Ledger: ${kept}`;
}

function security({ smart }: CapabilityFacts): Rest['security'] {
  const uris = [
    { url: 'authorize', valueUri: `${smart.issuer}/authorize` },
    { url: 'token', valueUri: `${smart.issuer}/token` },
  ];
  return {
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
          },
        ],
        text: 'OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)',
      },
    ],
    extension: [{ url: SMART_URIS, extension: uris }],
  };
}

interface Sources {
  readonly registry: Registry;
  readonly facts: CapabilityFacts;
  readonly referring: ReadonlyMap<string, readonly string[]>;
}

function includesOf(registry: Registry, type: string): string[] {
  return referencesOf(registry, type).map(({ code }) => `${type}:${code}`);
}

function referencesOf(registry: Registry, type: string): SearchParameter[] {
  return [...registry.parameters(type).values()].filter(({ type: kind }) => kind === 'reference');
}

/** By type, what may refer to it. */
function revIncludes(registry: Registry, types: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>(types.map((type) => [type, ['*']]));
  for (const source of types) {
    for (const parameter of referencesOf(registry, source)) {
      for (const [type, list] of found) {
        if (mayReferTo(parameter, type)) list.push(`${source}:${parameter.code}`);
      }
    }
  }
  return found;
}

function resourceEntry({ registry, facts, referring }: Sources, type: string): ResourceEntry {
  const eclipsed = registry.eclipsed(type);
  const parameters = [...registry.parameters(type).values()].map((parameter) => {
    const { code, url, type: kind } = parameter;
    const modifiers = modifiersOf(parameter, registry).map((modifier) => `:${modifier}`);
    if (kind === 'reference') modifiers.push(':[type]');
    const others = eclipsed.get(code) ?? [];
    const documentation = [
      ...(modifiers.length > 0 ? [`Modifiers: ${modifiers.join(' ')}`] : []),
      ...(others.length > 0 ? [`With the meaning of R4, not that of ${others.join(', ')}`] : []),
    ].join('. ');
    return { name: code, definition: url, type: kind, ...(documentation && { documentation }) };
  });
  const { conditional } = facts;
  const profiles = facts.profiles?.get(type);
  const documentation = documentationOf(type);
  const stays = APPEND_ONLY.has(type);
  const operations = facts.operations.filter(
    ({ level, types, changesVersion }) =>
      level !== 'system' &&
      (types === undefined || types.includes(type)) &&
      !(stays && changesVersion === true),
  );
  return {
    type: type as ResourceEntry['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(profiles === undefined ? {} : { supportedProfile: [...profiles] }),
    ...(documentation === '' ? {} : { documentation }),
    interaction: facts.interactions
      .filter((code) => !(stays && CHANGING.has(code)))
      .map((code) => ({ code: code as Interaction })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: conditional.has('create'),
    conditionalRead: conditional.has('read') ? 'full-support' : 'not-supported',
    conditionalUpdate: conditional.has('update') && !stays,
    conditionalDelete: stays ? 'not-supported' : conditionalDelete(facts),
    referencePolicy: [
      'literal',
      'logical',
      'local',
      ...(facts.enforced ? ['enforced' as const] : []),
    ],
    searchInclude: ['*', ...includesOf(registry, type)],
    searchRevInclude: [...(referring.get(type) ?? [])],
    searchParam: parameters,
    ...operationsOf(operations),
  };
}

/** Interactions that change what is there; `update` may also make something. */
const CHANGING: ReadonlySet<string> = new Set(['patch', 'delete']);

function conditionalDelete({
  conditional,
  deletesSeveral,
}: CapabilityFacts): NonNullable<ResourceEntry['conditionalDelete']> {
  if (!conditional.has('delete')) return 'not-supported';
  return deletesSeveral ? 'multiple' : 'single';
}

/** Returns what there is to say of a type besides what its entry lists. */
function documentationOf(type: string): string {
  const sentences = [
    WITHOUT_EFFECT.get(type),
    APPEND_ONLY.get(type),
    ADMINISTERED_TYPES.has(type) ? ADMINISTERED : undefined,
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

/** An operation of several levels is listed once. */
function operationsOf(operations: readonly OperationFact[]): Pick<ResourceEntry, 'operation'> {
  const listed = new Map(operations.map(({ name, definition }) => [name, { name, definition }]));
  return listed.size > 0 ? { operation: [...listed.values()] } : {};
}
