import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { Services } from '../services.ts';

/** Resources that tell of other resources belong to whomever those belong to; the elements that name these. */
const TELLS_OF: Readonly<Record<string, readonly Path[]>> = {
  AuditEvent: [['entity', 'what']],
  Binary: [['securityContext']],
  Linkage: [['item', 'resource']],
  MessageHeader: [['focus']],
  PaymentNotice: [['request'], ['response']],
  Provenance: [['target']],
  Task: [['basedOn'], ['focus']],
  VerificationResult: [['target']],
};

type Path = readonly string[];

/**
 * Ids of the patients a resource concerns, sorted: those in whose compartments it lies, and those whom the resources
 * concern that it tells of, as these are now, or that it carries.
 *
 * @param made patients of what is written in the same step, by `Type/id`
 */
export async function ownersOf(
  { r4, store, base }: Pick<Services, 'r4' | 'store' | 'base'>,
  resource: object,
  made: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<readonly string[]> {
  const own = [resource, ...carriedBy(resource)].flatMap((each) => r4.patientsOf(each));
  const { resourceType } = resource as { readonly resourceType: string };
  const paths = TELLS_OF[resourceType];
  if (paths === undefined) return [...new Set(own)].sort();
  const owners = new Set(own);
  const targets = new Set(paths.flatMap((path) => referencesAt(resource, path, base)));
  if (targets.size === 0 && 'securityContext' in resource) throw noContext();
  for (const target of targets) {
    const [type = '', id = ''] = target.split('/');
    const stored = made.get(target) ?? (await store.current(type, id))?.patients;
    if (resourceType === 'Binary' && (type === 'Binary' || stored === undefined)) throw noContext();
    for (const patient of stored ?? (type === 'Patient' ? [id] : [])) owners.add(patient);
  }
  return [...owners].sort();
}

/** The resources in a Bundle or in Parameters, at any depth: whoever reads the whole reads them. */
function carriedBy(resource: object): readonly object[] {
  const { resourceType, entry, parameter } = resource as {
    readonly resourceType?: string;
    readonly entry?: readonly { readonly resource?: object }[];
    readonly parameter?: readonly Parameter[];
  };
  const carried =
    resourceType === 'Bundle'
      ? (entry ?? []).flatMap((each) => each.resource ?? [])
      : resourceType === 'Parameters'
        ? (parameter ?? []).flatMap(resourcesOf)
        : [];
  return carried.flatMap((each) => [each, ...carriedBy(each)]);
}

interface Parameter {
  readonly resource?: object;
  readonly part?: readonly Parameter[];
}

function resourcesOf({ resource, part = [] }: Parameter): readonly object[] {
  return [...(resource === undefined ? [] : [resource]), ...part.flatMap(resourcesOf)];
}

/** Without the resource that stands for a Binary nobody could tell who may see it. */
function noContext(): FhirError {
  return new FhirError(
    'unprocessable',
    'The security context of a Binary must be stored here, and be no Binary itself',
    {
      expression: 'Binary.securityContext',
    },
  );
}

function referencesAt(resource: object, path: Path, base: string): string[] {
  let found: unknown[] = [resource];
  for (const name of path) {
    found = found.flatMap((each) => (each as Readonly<Record<string, unknown>>)[name] ?? []);
  }
  return found.flatMap((each) => {
    const { reference } = each as { readonly reference?: unknown };
    const parsed = typeof reference === 'string' ? parseReference(reference, base) : undefined;
    return parsed?.kind === 'local' ? [`${parsed.type}/${parsed.id}`] : [];
  });
}
