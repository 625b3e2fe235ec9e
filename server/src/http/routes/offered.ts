import type { CapabilityFacts } from '../../r4/capability.ts';
import type { Interaction, Operation, Route } from './route.ts';

type Offered = Pick<
  CapabilityFacts,
  'interactions' | 'conditional' | 'deletesSeveral' | 'systemInteractions' | 'operations'
>;

/** Returns what a CapabilityStatement may say of these rows. */
export function offered(routes: readonly Route[]): Offered {
  const offers = routes.map((route) => route.offers);
  const interactions = offers.filter((offer): offer is Interaction => 'interaction' in offer);
  const operations = offers.filter((offer): offer is Operation => 'operation' in offer);
  const codes = (of: readonly Interaction[]) => [...new Set(of.flatMap(codesOf))];
  return {
    interactions: codes(interactions.filter(({ level }) => level !== 'system')),
    systemInteractions: codes(interactions.filter(({ level }) => level === 'system')),
    conditional: new Set(
      interactions
        .filter(({ conditional }) => conditional === true)
        .map(({ interaction }) => interaction),
    ),
    deletesSeveral: interactions.some(
      ({ interaction, multiple }) => interaction === 'delete' && multiple === true,
    ),
    operations: operations.map(({ operation, definition, level, types, changesVersion }) => ({
      name: operation.slice(1),
      definition,
      level,
      changesVersion: changesVersion === true,
      ...(types === undefined ? {} : { types }),
    })),
  };
}

/** Codes of http://hl7.org/fhir/ValueSet/type-restful-interaction and system-restful-interaction. */
function codesOf({ interaction, level }: Interaction): string[] {
  if (interaction === 'batch-or-transaction') return ['batch', 'transaction'];
  if (interaction === 'history' || interaction === 'search') return [`${interaction}-${level}`];
  return [interaction];
}
