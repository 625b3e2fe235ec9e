import type { Principal } from '../auth/principal.ts';
import { isOwnAdministration } from '../consent/own-staff.ts';
import { FhirError } from '../fhir/errors.ts';
import { belowOwn } from '../fhir/own-base.ts';
import { parseReference } from '../fhir/reference.ts';
import { contentOf } from '../store/content-of.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Deciding } from './groups.ts';
import { ACTED, SPOKEN_FOR, SPOKEN_FOR_ANYWHERE } from './spoken-for.ts';

type Authoring = Pick<Data, 'store' | 'base'> & Pick<Deciding, 'organisation'>;

/** Somebody of this server, named by an element. */
interface Named {
  readonly element: string;
  readonly type: string;
  readonly id: string;
}

const PERSONS: ReadonlySet<string> = new Set(['practitioner', 'patient']);
const STAFF: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole']);
/** They are told by the form of the reference: a refusal must not tell that one of them is here. */
const OTHERS: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/**
 * Judges in whose name a resource is written: the caller's own. The custodian's systems and administration write for its
 * staff, and a name that stood there before may stay. To be asked once the caller may know of the current version.
 *
 * @throws FhirError `forbidden` naming the element
 * @rule authorship
 */
export async function mayAuthor(
  services: Authoring,
  principal: Principal,
  change: {
    readonly type: string;
    readonly accepted?: { readonly resource: object } | undefined;
    readonly current: StoredVersion | undefined;
  },
): Promise<void> {
  const { type, accepted, current } = change;
  if (accepted === undefined || isOwnAdministration(services.organisation, principal)) return;
  const named = namedIn(type, accepted.resource, services.base);
  const strange = named.filter((each) => !isCaller(principal, each));
  if (strange.length === 0) return;
  const before = new Set(namedBefore(type, current, services.base).map(keyOf));
  for (const each of strange) {
    if (before.has(keyOf(each)) || !(await isAnother(services, principal, each))) continue;
    const { element, id } = each;
    throw new FhirError(
      'forbidden',
      `Refused: ${element} names ${each.type}/${id}, in whose name only systems and administration of ${services.organisation.reference} may write`,
      { expression: element },
    );
  }
}

function isCaller({ role, practitioner, patient }: Principal, { type, id }: Named): boolean {
  const name = `${type}/${id}`;
  return name === practitioner || (role === 'patient' && name === patient);
}

/** Tells whether it is somebody else: staff that is known here, or by its form whoever is never to be looked for. */
async function isAnother(
  { store, base }: Authoring,
  principal: Principal,
  { type, id }: Named,
): Promise<boolean> {
  if (OTHERS.has(type)) return true;
  // An analyser is a laboratory's; a person is none.
  if (type === 'Device') return PERSONS.has(principal.role);
  const found = await store.versions.current(type, id);
  if (type === 'Practitioner') return found !== undefined;
  // A role that is not here, or not yet, may become anybody's.
  if (found === undefined) return true;
  const role = contentOf(found) as { readonly practitioner?: { readonly reference?: unknown } };
  const [whose] = localOf(role.practitioner, base);
  return whose === undefined || `${whose.type}/${whose.id}` !== principal.practitioner;
}

function namedBefore(
  type: string,
  current: StoredVersion | undefined,
  base: string,
): readonly Named[] {
  return current === undefined ? [] : namedIn(type, contentOf(current), base);
}

function namedIn(type: string, resource: object, base: string): readonly Named[] {
  const inElements = (
    paths: readonly string[],
    isMeant: (type: string) => boolean,
    of: object = resource,
  ): readonly Named[] =>
    paths.flatMap((path) =>
      valuesAt(of, path.split('.'))
        .flatMap((value) => localOf(value, base))
        .filter((found) => isMeant(found.type))
        .map((found) => ({ element: `${type}.${path}`, ...found })),
    );
  return [
    ...inElements([...(SPOKEN_FOR.get(type) ?? []), ...SPOKEN_FOR_ANYWHERE], (of) => STAFF.has(of)),
    ...inElements(
      ACTED.get(type) ?? [],
      (of) => STAFF.has(of) || OTHERS.has(of) || of === 'Device',
      type === 'AuditEvent' ? { agent: requestors(resource) } : resource,
    ),
  ];
}

function requestors(event: { readonly agent?: unknown }): readonly unknown[] {
  return valuesAt(event, ['agent']).filter(
    (agent) => (agent as { readonly requestor?: unknown }).requestor === true,
  );
}

/** Returns what stands at a path, through lists, and in elements that nest in themselves, as sections do. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  if (typeof value !== 'object' || value === null) return [];
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  const inside = (value as Readonly<Record<string, unknown>>)[name];
  return [...valuesAt(inside, rest), ...(rest.length === 0 ? [] : valuesAt(inside, path))];
}

function localOf(value: unknown, base: string): readonly { type: string; id: string }[] {
  const { reference } = (value ?? {}) as { readonly reference?: unknown };
  if (typeof reference !== 'string') return [];
  const parsed = parseReference(belowOwn(reference, [base]) ?? reference, base);
  return parsed?.kind === 'local' ? [{ type: parsed.type, id: parsed.id }] : [];
}

function keyOf({ element, type, id }: Named): string {
  return `${element} ${type}/${id}`;
}
