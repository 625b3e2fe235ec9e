import type { CapabilityStatement, TerminologyCapabilities } from 'fhir/r4.js';
import type { Shape } from '../fhir/subset.ts';
import { customParameter } from '../search/custom-parameter.ts';
import { containedIndex } from '../search/indexing/index-contained.ts';
import { indexEntries } from '../search/indexing/index-values.ts';
import type { Expansion } from '../search/named/expand.ts';
import { parseNamed } from '../search/named/parse-named.ts';
import { reviewNamedQuery } from '../search/named/review-named-query.ts';
import { pageLink, selfLink } from '../search/links.ts';
import { parseReadShape } from '../search/parse/parse-shape.ts';
import { parseSearchOfTypes } from '../search/parse/parse-types.ts';
import { parseTypeSearch } from '../search/parse/parse-contained.ts';
import type { ParsedSearch } from '../search/parse/parse.ts';
import { withoutValue } from '../search/parse/without-value.ts';
import type { ContainedIndex, IndexEntry } from '../search/query.ts';
import { createRegistry } from '../search/registry.ts';
import type { Registry } from '../search/registry.ts';
import { capabilityStatement } from './capability.ts';
import type { CapabilityFacts } from './capability.ts';
import { patientsOf } from './patients-of.ts';
import { undecidedReferences } from './deciding-references.ts';
import { factsOfType } from './concerns.ts';
import { namingIdentifiers } from './clue.ts';
import { whoseOf, type Whose } from './whose.ts';
import { loadDefinitions } from '../fhir/definitions.ts';
import type { Issue } from '../fhir/errors.ts';
import { officialStructures } from '../fhir/packages/official-structures.ts';
import { packageParameters, type PackageParameters } from './package-parameters.ts';
import { packageTerminology } from '../fhir/packages/package-terminology.ts';
import { loadPackages, packagesOf } from '../fhir/packages/packages.ts';
import { createPatchReader, type Patch } from '../fhir/patch/patch.ts';
import { createProfiles } from '../fhir/profile/profiles.ts';
import { supportedProfiles } from '../fhir/profile/supported-profiles.ts';
import { resourceTypes } from '../fhir/resource-types.ts';
import { securityContext, type Context } from '../fhir/security-context.ts';
import { createTypeModels } from '../fhir/type-model.ts';
import { typeAt, type ElementType } from '../fhir/type-at.ts';
import { subset } from '../fhir/subset.ts';
import { officialSource } from '../fhir/terminology/official-source.ts';
import {
  terminologyCapabilities,
  type TerminologyFacts,
} from '../fhir/terminology/capabilities.ts';
import { createTerminology, type Terminology } from '../fhir/terminology/terminology.ts';
import { uncoveredReferences } from '../fhir/uncovered-references.ts';
import { createValidator } from '../fhir/validate/validate.ts';
import { jsonToXml } from '../fhir/xml/json-to-xml.ts';
import { xmlToJson } from '../fhir/xml/xml-to-json.ts';

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;

/** FHIR R4 as one server uses it. Resources are parsed JSON. */
export interface R4 {
  readonly registry: Registry;
  /** Holds what is present without the store: R4's own and that of loaded packages. */
  readonly terminology: Terminology;
  /** Tells whether a name is that of a concrete R4 resource type. */
  readonly isResourceType: (name: string) => boolean;
  /** Names of the concrete R4 resource types, sorted. */
  readonly resourceTypes: readonly string[];
  /** Errors against base R4; empty when valid. */
  readonly validate: (resource: unknown) => Issue[];
  /** The same with warnings. */
  readonly assess: (resource: unknown) => Issue[];
  /** Checks all that can be, with warnings, and against the profiles named besides those that the resource claims. */
  readonly review: (resource: unknown, against?: readonly string[]) => Issue[];
  /** Tells whether a profile of this canonical URL is known. */
  readonly hasProfile: (canonical: string) => boolean;
  /** The packages that were loaded, as `name#version`. */
  readonly packages: readonly string[];
  /** Search parameters that the packages bring, as far as they can be used. */
  readonly packageParameters: PackageParameters;
  readonly indexEntries: (resource: object) => IndexEntry[];
  /** The same for each resource that it contains, by rising place. */
  readonly containedIndex: (resource: object) => ContainedIndex[];
  /**
   * Says why an active SearchParameter, or definition of a named query, cannot be searched by, and where R4's meaning of
   * its code stays: information. Empty for what is neither. The resource is valid.
   */
  readonly reviewSearch: (resource: object) => readonly Issue[];
  /** Ids of the patients in whose compartments the resource lies, sorted. */
  readonly patientsOf: (resource: object) => string[];
  /** Identifiers of a Patient, as `system|value`, by which others may name whom they concern. */
  readonly namingIdentifiers: (patient: object) => readonly string[];
  /** Says of a resource, and of each that it carries, whom it concerns, by its content alone. */
  readonly whoseOf: (resource: object) => readonly Whose[];
  /** Names of the types whose resources may concern patients, sorted. */
  readonly concerningTypes: readonly string[];
  /** Returns what stands for a Binary where access is decided; undefined where nothing does. */
  readonly securityContext: (resource: object) => Context | undefined;
  /**
   * Returns what a resource refers to here, besides what is covered: `Type/id`, in elements that no search parameter
   * looks at.
   */
  readonly uncoveredReferences: (
    resource: object,
    covered: ReadonlySet<string>,
  ) => readonly string[];
  /** Returns what stands at a path of JSON members and indices; undefined where R4 has no such element. */
  readonly typeAt: (
    resource: object,
    path: readonly (string | number)[],
  ) => ElementType | undefined;
  /** @throws FhirError that names the parameter */
  readonly parseSearch: (
    type: string,
    pairs: Iterable<readonly [string, string]>,
    options: SearchOptions,
  ) => LinkedSearch;
  /** The same for several types at once, not none. */
  readonly parseSearchOfTypes: (
    types: readonly string[],
    pairs: Iterable<readonly [string, string]>,
    options: SearchOptions,
  ) => LinkedSearch;
  /** @throws FhirError `structure` for what is no patch, `media-type` for other formats */
  readonly readPatch: (mediaType: string, body: Uint8Array) => Patch;
  /** Returns what a read is to give of the resource. @throws FhirError that names the parameter */
  readonly parseReadShape: (
    type: string,
    pairs: Iterable<readonly [string, string]>,
    handling?: 'strict' | 'lenient',
  ) => Shape | undefined;
  /** The wanted part of a stored resource, its text untouched. */
  readonly subset: (type: string, body: Uint8Array, shape: Shape) => Uint8Array;
  /** A resource in XML as JSON text, in steps. @throws FhirError `structure` */
  readonly fromXml: (text: string) => Generator<undefined, string>;
  /** A stored or made resource in XML, in steps. @throws FhirError `not-acceptable` for what XML cannot hold */
  readonly toXml: (
    json: string,
    options: { readonly pretty: boolean },
  ) => Generator<undefined, string>;
  readonly capability: (facts: CapabilityFacts) => CapabilityStatement;
  readonly terminologyCapability: (facts: TerminologyFacts) => TerminologyCapabilities;
}

interface SearchOptions {
  readonly handling: 'strict' | 'lenient';
  readonly base: string;
  /** Holds what is present for this caller; absent: what is present without the store. */
  readonly terminology?: Terminology;
  /** Names what is searched, below the base, where it is not simply the type. */
  readonly path?: string;
  /** Types that may be searched for what they contain; absent: none of them is. */
  readonly containers?: () => readonly string[];
  /** Names, of several types, those that links must name. */
  readonly types?: readonly string[];
  /** The named query that the first of the parameters are of. */
  readonly named?: Expansion;
}

export interface LinkedSearch extends ParsedSearch {
  /** Returns what was really evaluated, as a URL. */
  readonly selfLink: (base: string) => string;
  /** Another page of it. */
  readonly pageLink: (base: string, cursor: string) => string;
}

interface R4Options {
  /** Our own base URL without a trailing slash: references below it are ours. */
  readonly base: string;
  /** Paths of FHIR packages to load: archives and folders. */
  readonly packages?: readonly string[];
  /** Other base URLs, without a trailing slash, that mean ours where they tell whose data something is. */
  readonly aliases?: readonly string[];
  /** Systems whose identifiers each name one patient of the custodian. */
  readonly identifierSystems?: readonly string[];
}

/** @param folder where the distilled definitions are */
export function loadR4(
  folder: string,
  { base, packages = [], aliases = [], identifierSystems = [] }: R4Options,
): R4 {
  const definitions = loadDefinitions(folder);
  const registry = createRegistry(definitions);
  const types = resourceTypes(definitions);
  const models = createTypeModels(definitions);
  const loaded = loadPackages(packages);
  const terminology = createTerminology([packageTerminology(loaded), officialSource(folder)]);
  const profiles = createProfiles(definitions, models, {
    sources: [loaded, packagesOf([officialStructures(folder)])],
    terminology,
  });
  const isType = (name: string): boolean => types.has(name);
  const bases = [base, ...aliases] as const;
  const { validate, assess, review } = createValidator(definitions, profiles, (resource) =>
    undecidedReferences(resource, registry, { base, bases, isType }),
  );
  const whose = { registry, bases, isType, identifierSystems: new Set(identifierSystems) };
  const parsing = (options: SearchOptions) => ({
    terminology: options.terminology ?? terminology,
    handling: options.handling,
    baseUrl: options.base,
    defaultCount: DEFAULT_COUNT,
    maxCount: MAX_COUNT,
    ...(options.containers && { containers: options.containers }),
  });
  const reviewSearch = (resource: object): readonly Issue[] => {
    const { resourceType } = resource as { readonly resourceType?: unknown };
    if (resourceType === 'OperationDefinition') {
      return reviewNamedQuery(resource, registry, parsing({ handling: 'strict', base }));
    }
    const custom = resourceType === 'SearchParameter' ? customParameter(resource) : undefined;
    return custom === undefined ? [] : registry.review(custom);
  };
  return {
    registry,
    terminology,
    isResourceType: isType,
    resourceTypes: [...types].sort(),
    validate,
    assess,
    review,
    hasProfile: (canonical) => profiles.find(canonical) !== undefined,
    packages: loaded.names,
    packageParameters: packageParameters(loaded, registry),
    indexEntries: (resource) => indexEntries(resource, registry, { baseUrl: base }),
    containedIndex: (resource) => containedIndex(resource, registry, { baseUrl: base }),
    reviewSearch,
    patientsOf: (resource) => patientsOf(resource, registry, { baseUrl: base }),
    whoseOf: (resource) => whoseOf(resource, whose),
    namingIdentifiers: (patient) => namingIdentifiers(patient, whose),
    concerningTypes: [...types]
      .filter((type) => factsOfType(type, registry).concern !== 'never')
      .sort(),
    securityContext: (resource) => securityContext(resource, base),
    uncoveredReferences: (resource, covered) =>
      uncoveredReferences(resource, {
        base,
        covered,
        isReference: (path) => typeAt(models, resource, path)?.owner === 'Reference',
      }),
    typeAt: (resource, path) => typeAt(models, resource, path),
    parseSearch: (type, given, options) => {
      const pairs = [...given];
      const by = { registry, options: parsing(options) };
      const parsed = parseNamed(options.named, [type], by, () =>
        parseTypeSearch(type, pairs, registry, by.options),
      );
      return linked(parsed, { path: options.path ?? type, pairs });
    },
    parseSearchOfTypes: (types, given, options) => {
      const pairs = [...given];
      const by = { registry, options: parsing(options) };
      const parsed = parseNamed(options.named, types, by, () =>
        parseSearchOfTypes(types, pairs, registry, by.options),
      );
      return linked(naming(options.types, parsed), { path: options.path ?? '', pairs });
    },
    readPatch: createPatchReader(models, validate),
    parseReadShape: (type, pairs, handling) => parseReadShape([type], pairs, registry, handling),
    subset: (type, body, shape) => subset(definitions, type, body, shape),
    fromXml: (text) => xmlToJson(models, text),
    toXml: (json, options) => jsonToXml(models, json, options),
    terminologyCapability: (facts) => terminologyCapabilities(terminology, base, facts),
    capability: (facts) =>
      capabilityStatement(registry, base, {
        profiles: supportedProfiles(loaded, profiles),
        ...facts,
      }),
  };
}

function naming(types: readonly string[] | undefined, parsed: ParsedSearch): ParsedSearch {
  return types ? { ...parsed, used: [['_type', types.join()], ...parsed.used] } : parsed;
}

function linked(
  parsed: ParsedSearch,
  {
    path,
    pairs,
  }: { readonly path: string; readonly pairs: readonly (readonly [name: string, value: string])[] },
): LinkedSearch {
  const url = (base: string): string => (path === '' ? base : `${base}/${path}`);
  return {
    ...parsed,
    ignored: [...parsed.ignored, ...withoutValue(pairs)],
    selfLink: (base) => selfLink(url(base), parsed.used),
    pageLink: (base, cursor) => pageLink(url(base), parsed.used, cursor),
  };
}
