import type { Principal } from '../auth/principal.ts';
import { isOwn } from '../consent/own-staff.ts';
import { UNPLACED } from '../consent/unplaced.ts';
import { FhirError } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Deciding } from './groups.ts';

const MAY_MOVE: ReadonlySet<string> = new Set(['system', 'admin']);

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
  if (current === undefined || current.deleted || isDeletion) return;
  const { patients } = current;
  const gone = patients.filter((each) => each !== UNPLACED && !owners.includes(each));
  // Nobody's they become by somebody's saying so, too.
  const isOpened = patients.length > 0 && owners.length === 0;
  if ((gone.length === 0 && !isOpened) || (MAY_MOVE.has(principal.role) && isOwn(organisation, principal))) return;
  const before = JSON.parse(Buffer.from(current.body).toString('utf8')) as object;
  const [own] = r4.whoseOf(before);
  const named = [...(own?.about ?? []), ...(own?.told ?? []), ...(own?.leads() ?? [])].find(
    (clue) => clue.kind === 'patient' && gone.includes(clue.id),
  );
  throw new FhirError(
    'forbidden',
    `Refused: this would take data from the patient whom they concern, which only systems and administration of ${organisation.reference} may`,
    { expression: named?.element ?? own?.element ?? current.type },
  );
}
