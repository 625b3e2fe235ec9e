import type { Registry } from '../search/registry.ts';
import { compartmentValues } from './patients-of.ts';
import { belowOwn, resemblesOwn } from '../fhir/own-base.ts';
import { parseReference } from '../fhir/reference.ts';
import { objectsOf } from '../fhir/rule.ts';
import type { Json } from '../fhir/rule.ts';

type Path = readonly string[];

/** Resources that tell of other resources belong to whomever those belong to; the elements that name these. */
export const TELLS_OF: ReadonlyMap<unknown, readonly Path[]> = new Map([
  ['AuditEvent', [['entity', 'what']]],
  ['Binary', [['securityContext']]],
  ['BiologicallyDerivedProduct', [['collection', 'source']]],
  ['DeviceMetric', [['source'], ['parent']]],
  ['EnrollmentResponse', [['request']]],
  ['Linkage', [['item', 'resource']]],
  ['MessageHeader', [['focus']]],
  ['PaymentNotice', [['request'], ['response']]],
  ['PaymentReconciliation', [['request'], ['detail', 'request'], ['detail', 'response']]],
  ['Provenance', [['target']]],
  ['Slot', [['schedule']]],
  ['Task', [['basedOn'], ['focus']]],
  ['VerificationResult', [['target']]],
]);

/**
 * The References that decide whose data a resource is (docs/decisions/0030-who-is-concerned-beside-the-compartment.md), as
 * far as their literals do not tell that, each with the reason.
 */
export function undecidedReferences(
  resource: object,
  registry: Registry,
  known: Known,
): ReadonlyMap<object, string> {
  return new Map(
    [resource, ...carriedBy(resource)].flatMap((each) => {
      const deciding = new Set([...compartmentValues(each, registry), ...toldOf(each)]);
      const bases = ONLY_PLAIN.has((each as Json)['resourceType']) ? [] : known.bases;
      return [...deciding].flatMap((value): [object, string][] => {
        const { reference } = value as Json;
        const fault =
          typeof reference === 'string' ? undecided(reference, { ...known, bases }) : undefined;
        return fault === undefined ? [] : [[value, fault]];
      });
    }),
  );
}

/** Decisions hang on whom these name: our base by another name does not do there. */
const ONLY_PLAIN: ReadonlySet<unknown> = new Set(['Binary', 'Consent']);

interface Known {
  /** Our own base URL without a trailing slash. */
  readonly base: string;
  /** That one and its aliases. */
  readonly bases: readonly string[];
  /** Tells whether R4 has a resource type of this name. */
  readonly isType: (name: string) => boolean;
}

/**
 * Not to understand whom the literal means would make data of nobody. A resource of another server, a `urn:` and a
 * contained resource are understood: they are nobody here.
 */
function undecided(reference: string, { base, bases, isType }: Known): string | undefined {
  const parsed = parseReference(belowOwn(reference, bases) ?? reference, base);
  switch (parsed?.kind) {
    case 'local':
      return isType(parsed.type) ? undefined : `R4 has no resource type ${parsed.type}`;
    case 'conditional':
      return 'The search criteria of the reference are resolved in a transaction only';
    case 'contained':
      return parsed.id === '' ? 'The reference is to the resource itself' : undefined;
    case 'absolute':
      return resemblesOwn(parsed.url, base)
        ? `The reference begins like ${base}, but Type/id does not follow`
        : undefined;
    default:
      return 'The reference is neither Type/id, nor #id, nor an absolute URL';
  }
}

/** The References of a resource to what it tells of. */
function toldOf(resource: object): readonly Json[] {
  const { resourceType } = resource as Json;
  return tellsOf(resourceType).flatMap((path) => at(resource, path));
}

/** The elements of a type that name what it tells of; none for a type that tells of nothing else. */
export function tellsOf(type: unknown): readonly Path[] {
  return TELLS_OF.get(type) ?? [];
}

/** The objects at a path of members. */
export function at(resource: object, path: Path): readonly Json[] {
  return path.reduce<readonly Json[]>(
    (found, name) => found.flatMap((each) => objectsOf(each[name])),
    [resource as Json],
  );
}

/** The resources in a Bundle or in Parameters, at any depth: whoever reads the whole reads them. */
export function carriedBy(resource: object): readonly object[] {
  return carriedIn(resource).flatMap((each) => [each, ...carriedBy(each)]);
}

/** The same without what these carry themselves. */
export function carriedIn(resource: object): readonly object[] {
  const { resourceType, entry, parameter } = resource as Json;
  if (resourceType === 'Bundle') {
    return objectsOf(entry).flatMap((each) => [
      ...objectsOf(each['resource']),
      // An outcome may be any resource.
      ...objectsOf(each['response']).flatMap(({ outcome }) => objectsOf(outcome)),
    ]);
  }
  return resourceType === 'Parameters' ? objectsOf(parameter).flatMap(resourcesOf) : [];
}

/** The resources contained in one, and what these carry. */
export function containedBy(resource: object): readonly object[] {
  return objectsOf((resource as Json)['contained']).flatMap((each) => [each, ...carriedBy(each)]);
}

function resourcesOf({ resource, part }: Json): readonly Json[] {
  return [...objectsOf(resource), ...objectsOf(part).flatMap(resourcesOf)];
}
