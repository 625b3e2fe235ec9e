import type { Principal } from '../auth/principal.ts';
import { isOwnAdministration } from '../consent/own-staff.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Deciding } from './groups.ts';

/**
 * Whom data concern decides who sees them. Whoever may change them for all of these may add a patient; taking one away is
 * for the custodian's own systems and administration, in whatever interaction: docs/decisions/0053-who-may-move-an-owner.md
 *
 * @throws FhirError `forbidden` that names the element which named the patient
 * @rule change of owner
 */
export function assertMayMoveOwner(
  { organisation, r4 }: Pick<Deciding, 'organisation'> & Pick<Data, 'r4'>,
  principal: Principal,
  change: {
    readonly current: StoredVersion | undefined;
    readonly owners: readonly string[];
    readonly isDeletion: boolean;
  },
): void {
  const { current, owners, isDeletion } = change;
  // A deletion keeps whom it concerned: whoever deletes first takes data away no less.
  if (current === undefined || isDeletion) return;
  if (!takesAway(current, owners) || isOwnAdministration(organisation, principal)) return;
  throw new FhirError(
    'forbidden',
    `Refused: this would take data from whom they concern, which only systems and administration of ${organisation.reference} may`,
    { expression: elementOf(r4, current, owners) },
  );
}

function takesAway({ patients }: StoredVersion, owners: readonly string[]): boolean {
  const isLeftOut = patients.some((each) => each !== UNPLACED && !owners.includes(each));
  // Nobody's they become by somebody's saying so, too.
  return isLeftOut || (patients.length > 0 && owners.length === 0);
}

/** The element that named one who is left out, or would name whom it is about. */
function elementOf(
  r4: Data['r4'],
  { type, body }: StoredVersion,
  owners: readonly string[],
): string {
  if (body.length === 0) return type;
  const [own] = r4.whoseOf(JSON.parse(Buffer.from(body).toString('utf8')) as object);
  if (own === undefined) return type;
  const named = [...own.about, ...own.told, ...own.leads()].find(
    (clue) => clue.kind === 'patient' && !owners.includes(clue.id),
  );
  return named?.element ?? own.element;
}
