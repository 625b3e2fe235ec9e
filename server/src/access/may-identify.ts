import type { Principal } from '../auth/principal.ts';
import { isOwnAdministration } from '../consent/own-staff.ts';
import { FhirError } from '../fhir/errors.ts';
import { contentOf } from '../store/content-of.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Deciding } from './groups.ts';

/**
 * Data that name their patient by an identifier are of whoever has it: to give a patient one of these is for the
 * custodian's own systems and administration, or somebody could take another one's data by it.
 *
 * @throws FhirError `forbidden`
 * @rule change of owner
 */
export function assertMayIdentify(
  { organisation, r4 }: Pick<Deciding, 'organisation'> & Pick<Data, 'r4'>,
  principal: Principal,
  change: {
    readonly accepted: { readonly resource: object } | undefined;
    readonly current: StoredVersion | undefined;
  },
): void {
  const { accepted, current } = change;
  if (accepted === undefined || isOwnAdministration(organisation, principal)) return;
  const now = r4.namingIdentifiers(accepted.resource);
  if (now.length === 0) return;
  const before = new Set(current === undefined ? [] : r4.namingIdentifiers(contentOf(current)));
  if (now.every((each) => before.has(each))) return;
  throw new FhirError(
    'forbidden',
    `Refused: identifiers that tell whose data something is are given by systems and administration of ${organisation.reference} only`,
    { expression: 'Patient.identifier' },
  );
}
