import type { Registry } from '../search/registry.ts';
import { compartmentValues } from './compartment.ts';
import { objectsOf } from './rule.ts';
import type { Json } from './rule.ts';

type Path = readonly string[];

/** Resources that tell of other resources belong to whomever those belong to; the elements that name these. */
const TELLS_OF: ReadonlyMap<unknown, readonly Path[]> = new Map([
  ['AuditEvent', [['entity', 'what']]],
  ['Binary', [['securityContext']]],
  ['Linkage', [['item', 'resource']]],
  ['MessageHeader', [['focus']]],
  ['PaymentNotice', [['request'], ['response']]],
  ['Provenance', [['target']]],
  ['Task', [['basedOn'], ['focus']]],
  ['VerificationResult', [['target']]],
]);

/** The References that decide whose data a resource is: docs/decisions/0030-who-is-concerned-beside-the-compartment.md */
export function decidingReferences(resource: object, registry: Registry): ReadonlySet<object> {
  const compartments = [resource, ...carriedBy(resource)].flatMap((each) =>
    compartmentValues(each, registry),
  );
  return new Set([...compartments, ...toldReferences(resource)]);
}

/** The References of a resource to what it tells of. */
export function toldReferences(resource: object): readonly Json[] {
  const { resourceType } = resource as Json;
  return (TELLS_OF.get(resourceType) ?? []).flatMap((path) =>
    path.reduce<readonly Json[]>(
      (found, name) => found.flatMap((each) => objectsOf(each[name])),
      [resource as Json],
    ),
  );
}

/** The resources in a Bundle or in Parameters, at any depth: whoever reads the whole reads them. */
export function carriedBy(resource: object): readonly object[] {
  const { resourceType, entry, parameter } = resource as Json;
  const carried =
    resourceType === 'Bundle'
      ? objectsOf(entry).flatMap((each) => objectsOf(each['resource']))
      : resourceType === 'Parameters'
        ? objectsOf(parameter).flatMap(resourcesOf)
        : [];
  return carried.flatMap((each) => [each, ...carriedBy(each)]);
}

function resourcesOf({ resource, part }: Json): readonly Json[] {
  return [...objectsOf(resource), ...objectsOf(part).flatMap(resourcesOf)];
}
