import type { Registry } from '../search/registry.ts';
import { walkPath } from '../search/expression/element-path.ts';
import { objectsOf, type Json } from '../fhir/rule.ts';
import { clueOf, identifierClue, type Clue, type Reading } from './clue.ts';
import { factsOfType, type Concern } from './concerns.ts';
import { at, carriedBy, tellsOf } from './deciding-references.ts';
import { patientsOf } from './patients-of.ts';

/** Says whom one resource concerns, by its content alone; what it carries is said for itself. */
export interface Whose {
  readonly concern: Concern;
  /** Ids of the patients in whose compartment it lies. */
  readonly patients: readonly string[];
  /** The same of what it contains; whoever reads the whole reads that. */
  readonly within: readonly string[];
  /** Clues of the elements that say whom it is about. */
  readonly about: readonly Clue[];
  /** Clues of what it tells of. */
  readonly told: readonly Clue[];
  /** Clues of contained patients: who is found by them is concerned, whatever else is said. */
  readonly contained: readonly Clue[];
  /** Tells whether it contains what by itself would be of somebody who cannot be told. */
  readonly holds: boolean;
  /** Returns the clues of all other references in it, to be followed where nothing says whom it is about. */
  readonly leads: () => readonly Clue[];
  /** Names what would say whom it is about. */
  readonly element: string;
}

export interface Known extends Pick<Reading, 'bases' | 'identifierSystems' | 'isType'> {
  readonly registry: Registry;
}

/** The same of a resource and of each that it carries. */
export function whoseOf(resource: object, known: Known): readonly Whose[] {
  const carried = carriedBy(resource);
  const entries = [resource, ...carried].flatMap((each) => entriesOf(each as Json));
  return [resource, ...carried].map((each) => {
    const whose = whoseAlone(each as Json, entries, known);
    const url = entries.find((entry) => entry.resource === each)?.url;
    return url === undefined || isOurs(url, each as Json, known) ? whose : elsewhere(whose);
  });
}

interface Entry {
  readonly url: string;
  readonly resource: Json;
}

function entriesOf({ resourceType, entry }: Json): readonly Entry[] {
  if (resourceType !== 'Bundle') return [];
  return objectsOf(entry).flatMap(({ fullUrl, resource }) =>
    typeof fullUrl === 'string' && typeof resource === 'object' && resource !== null
      ? [{ url: fullUrl, resource: resource as Json }]
      : [],
  );
}

/** Its id names nothing here where its address is of another server. */
function isOurs(url: string, { resourceType }: Json, known: Known): boolean {
  if (resourceType !== 'Patient' || !/^https?:/i.test(url)) return true;
  const reading = { ...known, neverConcerns: () => false, inside: () => undefined };
  return clueOf({ reference: url }, '', reading).kind === 'patient';
}

function elsewhere(whose: Whose): Whose {
  return { ...whose, about: [{ element: 'Bundle.entry.fullUrl', kind: 'unknown' }] };
}

function whoseAlone(resource: Json, entries: readonly Entry[], known: Known): Whose {
  const { registry, bases } = known;
  const type = String(resource['resourceType']);
  const facts = factsOfType(type, registry);
  const contained = objectsOf(resource['contained']);
  const reading: Reading = {
    ...known,
    neverConcerns: (name) => factsOfType(name, registry).concern === 'never',
    inside: (reference) =>
      reference.startsWith('#')
        ? contained.find(({ id }) => `#${String(id)}` === reference)
        : entries.find(({ url }) => url === reference)?.resource,
  };
  const speaks = new Set(entries.map((entry) => entry.resource));
  const by = { registry, reading, speaks };
  const patientsIn = (each: object) => patientsOf(each, registry, { baseUrl: bases[0] });
  // Decisions hang on a Consent: it is of whom its patient names plainly, whatever else is in it.
  const inside = type === 'Consent' ? [] : contained;
  const patients = patientsIn(resource);
  const isOfNobodyHere = type === 'Consent' && patients.length === 0;
  const about = () => aboutOf(resource, by).flatMap((clue) => unfolded(clue, by, [resource]));
  return {
    concern: facts.concern,
    patients,
    // The id of a contained Patient means nothing outside.
    within: inside.flatMap((each) => patientsIn({ ...each, id: undefined })),
    about: isOfNobodyHere ? [{ element: 'Consent.patient', kind: 'unknown' }] : about(),
    // That an audit event names a thing says nothing of whom it is about.
    told: tellsOf(type)
      .flatMap((path) =>
        at(resource, path).flatMap((value) =>
          unfolded(clueOf(value, `${type}.${path.join('.')}`, reading), by, [resource]),
        ),
      )
      .filter(({ kind }) => kind !== 'nobody' || type !== 'AuditEvent'),
    contained: inside.flatMap((each) => identityOf(each, 'contained', reading)),
    holds: inside.some((each) => isSilentAlone(each, by)),
    leads: () => (type === 'Consent' ? [] : leadsIn(resource, type, reading)),
    element: facts.element,
  };
}

interface By {
  readonly registry: Registry;
  readonly reading: Reading;
  /** Holds what is carried, which speaks for itself. */
  readonly speaks: ReadonlySet<Json>;
}

function aboutOf(resource: Json, { registry, reading }: By): readonly Clue[] {
  const { resourceType, id } = resource;
  const type = String(resourceType);
  if (type === 'Patient') {
    return typeof id === 'string' ? [{ element: 'Patient.id', kind: 'patient', id }] : [];
  }
  const told = new Set(tellsOf(type).flatMap((path) => at(resource, path)));
  const found = new Map<object, string>();
  for (const { path, element } of factsOfType(type, registry).about) {
    walkPath(path, resource, (value) => {
      if (typeof value !== 'object' || value === null || told.has(value as Json)) return;
      found.set(value, element);
    });
  }
  return [...found].map(([value, element]) => clueOf(value, element, reading));
}

/** The clues of what stands inside in the place of the one that leads there. */
function unfolded(clue: Clue, by: By, seen: readonly object[]): readonly Clue[] {
  if (clue.kind !== 'inside') return [clue];
  const { element, resource } = clue;
  if (by.speaks.has(resource)) return [];
  if (seen.includes(resource)) return [{ element, kind: 'unknown' }];
  const type = String(resource['resourceType']);
  if (by.reading.neverConcerns(type)) return [{ element, kind: 'nobody' }];
  const own =
    type === 'Patient'
      ? identityOf(resource, element, by.reading)
      : aboutOf(resource, by).flatMap((each) => unfolded(each, by, [...seen, resource]));
  if (own.length > 0) return own;
  return [
    { element, kind: factsOfType(type, by.registry).concern === 'always' ? 'unknown' : 'nobody' },
  ];
}

/** The identifiers of a Patient by which the custodian knows who that is. */
function identityOf(resource: Json, element: string, reading: Reading): readonly Clue[] {
  if (resource['resourceType'] !== 'Patient') return [];
  return objectsOf(resource['identifier']).flatMap(
    (identifier) => identifierClue(identifier, element, reading) ?? [],
  );
}

function isSilentAlone(resource: Json, by: By): boolean {
  const type = String(resource['resourceType']);
  if (factsOfType(type, by.registry).concern !== 'always') return false;
  return aboutOf(resource, by).every(({ kind }) => kind === 'unknown');
}

/** References anywhere in it to what may concern somebody, and identifiers of patients. */
function leadsIn(resource: Json, type: string, reading: Reading): readonly Clue[] {
  const found: Clue[] = [];
  const walk = (value: unknown, element: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      // A carried resource speaks for itself.
      if ((type === 'Bundle' || type === 'Parameters') && name === 'resource') continue;
      const below = `${element}.${name}`;
      for (const each of Array.isArray(member) ? (member as unknown[]) : [member]) {
        if (isReference(each)) {
          const clue = clueOf(each, below, reading);
          if (clue.kind === 'patient' || clue.kind === 'resource' || clue.kind === 'identifier')
            found.push(clue);
        }
        walk(each, below);
      }
    }
  };
  walk(resource, type);
  return found;
}

function isReference(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const { reference, identifier } = value as Json;
  return typeof reference === 'string' || objectsOf(identifier).length === 1;
}
