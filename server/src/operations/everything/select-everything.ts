import { EARLIEST, LATEST } from '../../fhir/instant.ts';
import { withinCompartment, type Compartment } from '../../search/compartment.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { EverythingAsked } from './read-everything.ts';
import { typesOfEverything } from './types-of-everything.ts';

/** The date of the care that a resource tells of, by the first of these search parameters that its type has. */
const CARE_DATES = [
  ...['date', 'occurrence', 'effective-time', 'effective', 'onset-date', 'whenhandedover'],
  ...['authoredon', 'authored', 'created', 'event-date', 'identified', 'started', 'start-date'],
  ...['sent', 'datetime', 'datewritten', 'collected', 'period', 'recorded', 'recorded-date'],
];
/** Tell of other resources, and belong to the patients of these without naming them. */
const TELLS_OF = new Set(['Provenance', 'AuditEvent']);

/**
 * Selects what belongs to a compartment, type by type.
 *
 * @param of without an id: everything that belongs to any patient
 */
export function selectEverything(
  registry: Registry,
  of: { readonly type: string; readonly id: string | undefined },
  asked: EverythingAsked,
): readonly TypedFilter[] {
  return typesOfEverything(registry, of.type)
    .filter((type) => asked.types?.has(type) ?? true)
    .map((type) => ({
      type,
      filter: {
        op: 'and',
        all: [
          of.id === undefined ? OWNED : belongsTo(registry, { type: of.type, id: of.id }, type),
          ...(asked.since === undefined ? [] : [{ op: 'lastUpdated', from: asked.since } as const]),
          ...careBetween(registry, type, asked),
        ],
      },
    }));
}

const UNOWNED: Filter = { op: 'patients', mode: 'in', patients: [] };
const OWNED: Filter = { op: 'not', filter: UNOWNED };

function belongsTo(registry: Registry, compartment: Compartment, type: string): Filter {
  const within = withinCompartment(registry, compartment, type);
  const any: Filter[] = [within];
  if (type === compartment.type) any.push({ op: 'id', ids: [compartment.id] });
  if (compartment.type === 'Patient' && TELLS_OF.has(type)) {
    const own: Filter = { op: 'patients', mode: 'in', patients: [compartment.id] };
    any.push({ op: 'and', all: [own, OWNED] });
  }
  return any.length === 1 ? within : { op: 'or', any };
}

/** Leaves nothing out that has no such date: nobody can say that it lies outside. */
function careBetween(
  registry: Registry,
  type: string,
  { start, end }: EverythingAsked,
): readonly Filter[] {
  if (start === undefined && end === undefined) return [];
  const parameters = registry.parameters(type);
  const param = CARE_DATES.find((code) => parameters.get(code)?.type === 'date');
  if (param === undefined) return [];
  return [
    {
      op: 'or',
      any: [
        { op: 'missing', param, missing: true },
        { op: 'date', param, prefix: 'ap', from: start ?? EARLIEST, to: end ?? LATEST },
      ],
    },
  ];
}
