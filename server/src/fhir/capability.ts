import type { CapabilityStatement } from 'fhir/r4.js';
import { modifiersOf } from '../search/parse-criterion.ts';
import { mayReferTo } from '../search/parse-link.ts';
import type { Registry, SearchParameter } from '../search/registry.ts';
import { PATCH_FORMATS } from './patch/patch.ts';
import { resourceTypes } from './resource-types.ts';

type Rest = NonNullable<CapabilityStatement['rest']>[number];
type ResourceEntry = NonNullable<Rest['resource']>[number];
type Interaction = NonNullable<ResourceEntry['interaction']>[number]['code'];

export interface CapabilityFacts {
  /** ISO instant or date from which the statement holds. */
  readonly date: string;
  readonly ledger: 'fabric' | 'embedded';
  readonly organisation: string;
  readonly smart: { readonly issuer: string };
  readonly software?: { readonly name: string; readonly version?: string };
  /** Interactions that every type has; those of the route table unless given. */
  readonly interactions?: readonly Interaction[];
  /** Whether create, update, delete and read may be conditional. */
  readonly conditional?: boolean;
  readonly systemInteractions?: readonly ('batch' | 'transaction')[];
  readonly operations?: readonly {
    readonly name: string;
    readonly definition: string;
    /** Absent: of every type. */
    readonly type?: string;
  }[];
}

const INTERACTIONS: readonly Interaction[] = [
  ...(['read', 'vread', 'update', 'patch', 'delete'] as const),
  ...(['history-instance', 'create', 'search-type'] as const),
];

const SMART_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** The CapabilityStatement of what is registered: nothing is listed here that is not asked of the registry. */
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
    format: ['application/fhir+json', 'json'],
    patchFormat: [...PATCH_FORMATS],
    software: { name: 'Chartseal', ...facts.software },
    implementation: { description: description(facts), url: base },
    rest: [
      {
        mode: 'server',
        security: security(facts),
        resource: types.map((type) => resourceEntry(sources, type)),
        ...(facts.systemInteractions === undefined
          ? {}
          : { interaction: facts.systemInteractions.map((code) => ({ code })) }),
        searchParam: [
          { name: '_id', type: 'token', documentation: 'Logical id' },
          { name: '_lastUpdated', type: 'date', documentation: 'When the version was made' },
        ],
      },
    ],
  };
}

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
  const parameters = [...registry.parameters(type).values()].map(({ code, url, type: kind }) => ({
    name: code,
    definition: url,
    type: kind,
    documentation: `Modifiers: ${modifiersOf(kind)
      .map((modifier) => `:${modifier}`)
      .join(' ')}`,
  }));
  const conditional = facts.conditional ?? false;
  const operations = (facts.operations ?? []).filter(
    (operation) => (operation.type ?? type) === type,
  );
  return {
    type: type as ResourceEntry['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: (facts.interactions ?? INTERACTIONS).map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: conditional,
    conditionalRead: conditional ? 'full-support' : 'not-supported',
    conditionalUpdate: conditional,
    conditionalDelete: conditional ? 'single' : 'not-supported',
    referencePolicy: ['literal', 'logical', 'local'],
    searchInclude: ['*', ...includesOf(registry, type)],
    searchRevInclude: [...(referring.get(type) ?? [])],
    searchParam: parameters,
    ...(operations.length > 0
      ? { operation: operations.map(({ name, definition }) => ({ name, definition })) }
      : {}),
  };
}
